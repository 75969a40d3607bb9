import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { messagesMax, openMessages } from './messages.ts'
import { makeSesServer } from './server.ts'

const servers: Server[] = []
const now = () => new Date('2026-11-20T10:00:00Z')

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function startInbox(folder = mkdtempSync(join(tmpdir(), 'quits-ses-'))) {
  const server = makeSesServer(openMessages(folder), now)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const post = (path: string, body: unknown) =>
    fetch(url + path, { method: 'POST', body: JSON.stringify(body) })
  const read = async (path: string): Promise<unknown> => (await fetch(url + path)).json()
  return { url, folder, post, read }
}

const mail = (to: string, text = '12345678') => ({
  FromEmailAddress: 'quits@localhost.test',
  Destination: { ToAddresses: [to] },
  Content: {
    Simple: {
      Subject: { Data: 'Your code' },
      Body: { Text: { Data: text }, Html: { Data: '<p>12345678</p>' } },
    },
  },
})
const send = '/v2/email/outbound-emails'

describe('the development inbox', () => {
  it('takes a mail as SES v2 does and shows it as the tests read it', async () => {
    const { post, read } = await startInbox()
    const answer = await post(send, mail('Bo <bo@example.test>'))
    const { MessageId: id } = (await answer.json()) as { MessageId: string }
    expect(answer.status).toBe(200)
    expect(await read('/api/messages?to=BO@example.test')).toEqual([
      {
        id,
        to: 'bo@example.test',
        subject: 'Your code',
        text: '12345678',
        html: '<p>12345678</p>',
        at: '2026-11-20T10:00:00.000Z',
      },
    ])
    expect(await read('/api/messages?to=ana@example.test')).toEqual([])
  })

  it('lists the newest first and keeps them over a restart', async () => {
    const first = await startInbox()
    await first.post(send, mail('bo@example.test', 'one'))
    await first.post(send, mail('bo@example.test', 'two'))
    const second = await startInbox(first.folder)
    const messages = (await second.read('/api/messages')) as { text: string }[]
    expect(messages.map(({ text }) => text)).toEqual(['two', 'one'])
  })

  it('keeps no more than the newest thousand', () => {
    const messages = openMessages(mkdtempSync(join(tmpdir(), 'quits-ses-')))
    const envelope = { to: ['bo@example.test'], from: 'q', subject: '', html: '', at: '' }
    for (let index = 0; index < messagesMax + 5; index++) {
      messages.add({ ...envelope, id: String(index), text: '' })
    }
    expect(messages.list()).toHaveLength(messagesMax)
    expect(messages.list()[0]?.id).toBe(String(messagesMax + 4))
  })

  it('refuses what SES refuses, with the type that the client knows', async () => {
    const { post, read } = await startInbox()
    const answer = await post(send, { ...mail('bo@example.test'), Destination: {} })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-amzn-errortype')).toBe('BadRequestException')
    expect(await read('/api/messages')).toEqual([])
  })

  it('strikes with the ordered fault as often as ordered, then works again', async () => {
    const { post, read } = await startInbox()
    await post('/api/faults', { mode: 'throttle', count: 1 })
    const struck = await post(send, mail('bo@example.test'))
    expect(struck.status).toBe(429)
    expect(struck.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException')
    expect((await post(send, mail('bo@example.test'))).status).toBe(200)
    expect(await read('/api/faults')).toEqual({ struck: 1 })
  })

  it('can accept a mail and lose the answer', async () => {
    const { post, read } = await startInbox()
    await post('/api/faults', { mode: 'cut-after-accept', count: 1 })
    await expect(post(send, mail('bo@example.test'))).rejects.toThrow('fetch failed')
    expect(await read('/api/messages')).toHaveLength(1)
  })

  it('lets no script of a mail run on its page', async () => {
    const { url } = await startInbox()
    const page = await fetch(url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain("setAttribute('sandbox', '')")
  })
})

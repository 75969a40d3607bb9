import { randomBytes, randomUUID } from 'node:crypto'
import { seal } from '@quits/kit/seal'
import { expect, test } from 'vitest'
import { isExpired, parseJob } from './job.ts'

const key = randomBytes(32)
const id = randomUUID()
const expiresAt = '2026-11-20T12:10:00.000Z'
const envelope = { id, channel: 'mail', locale: 'en', expiresAt }
const order = {
  ...envelope,
  to: { address: 'bo@example.com', name: 'Bo' },
  template: 'code',
  sealed: seal(key, id, { code: '12345678' }),
}
const parse = (job: unknown) => parseJob(Buffer.from(JSON.stringify(job)), key)

test('a job is opened with its code', () => {
  expect(parse(order)).toEqual({
    job: {
      id,
      locale: 'en',
      to: order.to,
      expiresAtMs: Date.parse(expiresAt),
      message: { template: 'code', code: '12345678' },
    },
  })
})

test('unknown fields are ignored, so that a newer expenses can speak to an older mailer', () => {
  expect(parse({ ...order, colour: 'green' })).toHaveProperty('job')
})

test.each([
  ['not-json', Buffer.from('{"id":')],
  ['not-a-job', Buffer.from('null')],
  ['not-a-job', Buffer.from(JSON.stringify({ ...order, template: 'newsletter' }))],
  ['not-a-job', Buffer.from(JSON.stringify({ ...order, to: { address: 'a\nb@c', name: '' } }))],
  ['not-unsealable', Buffer.from(JSON.stringify({ ...order, id: randomUUID() }))],
  ['not-unsealable', Buffer.from(JSON.stringify({ ...order, sealed: 'AAAA' }))],
  ['too-big', Buffer.alloc(65_537, 32)],
])('what can never be sent is told as %s', (poison, content) => {
  expect(parseJob(content, key)).toEqual({ poison })
})

test('a secret sealed with another key stays shut', () => {
  expect(parseJob(Buffer.from(JSON.stringify(order)), randomBytes(32))).toEqual({
    poison: 'not-unsealable',
  })
})

test('a job is expired from its last instant on', () => {
  const parsed = parse(order)
  if (!('job' in parsed)) throw new Error('the job was not opened')
  expect(isExpired(parsed.job, Date.parse(expiresAt) - 1)).toBe(false)
  expect(isExpired(parsed.job, Date.parse(expiresAt))).toBe(true)
})

const link = 'https://quits.test/invitations/abc'
const invitation = {
  ...order,
  template: 'invitation',
  sealed: seal(key, id, { link }),
  inviter: 'Ana',
  amount: { minor: '4000', currency: 'EUR' },
}

test('an invitation is opened with its link', () => {
  expect(parse(invitation)).toMatchObject({
    job: { message: { template: 'invitation', inviter: 'Ana', link } },
  })
})

test.each([
  ['a code in place of the link', { sealed: order.sealed }, 'not-unsealable'],
  [
    'a link to a script',
    { sealed: seal(key, id, { link: 'javascript:alert(1)' }) },
    'not-unsealable',
  ],
  ['another context', { sealed: seal(key, randomUUID(), { link }) }, 'not-unsealable'],
  ['no amount', { amount: undefined }, 'not-a-job'],
])('an invitation with %s is never sent', (_, broken, poison) => {
  expect(parse({ ...invitation, ...broken })).toEqual({ poison })
})

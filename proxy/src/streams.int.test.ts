import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFrontDoor } from './test-front-door.ts'

/** More than the sockets that brief exchanges with one service may have. */
const streamsOpen = 520

let door: Awaited<ReturnType<typeof startFrontDoor>>
const agent = new Agent({ maxSockets: Infinity })

beforeAll(async () => {
  const notifier = createServer((request, response) => {
    if (request.url !== '/v1/feed/stream') return response.end('[]')
    return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
  })
  // These streams say nothing; real ones breathe more often than a service may be silent.
  door = await startFrontDoor({ notifier, env: { UPSTREAM_TIMEOUT_MS: '60000' } })
})
afterAll(async () => {
  agent.destroy()
  await door.stop()
})

test('streams that stay open leave the sockets of everybody else alone', async () => {
  const streams = await Promise.all(
    Array.from({ length: streamsOpen }, async () => {
      const [answer] = await once(get(`${door.url}/v1/feed/stream`, { agent }), 'response')
      return answer as IncomingMessage
    }),
  )
  expect(streams.filter(({ statusCode }) => statusCode !== 200)).toEqual([])
  expect(await (await fetch(`${door.url}/v1/notifications`)).text()).toBe('[]')
})

test('a stream that its reader leaves is closed at the service, too', async () => {
  const closed = new Promise<void>((resolve) => {
    door.notifier.once('request', (_request, response) => response.once('close', resolve))
  })
  const request = get(`${door.url}/v1/feed/stream`, { agent })
  await once(request, 'response')
  request.destroy()
  await expect(closed).resolves.toBeUndefined()
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeLog } from './log.ts'
import { trunkProtocol } from './trunk-frames.ts'
import { type LineOwner, makeNearTrunks } from './trunk-near.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const request = { url: '/v1/feed', headers: {} }

/** Hears nothing, and remembers how its line ended. */
const makeOwner = () => {
  const closed = Promise.withResolvers<Error | undefined>()
  const owner: LineOwner = {
    hear: () => true,
    ready: () => undefined,
    closed: (_reached, error) => closed.resolve(error),
  }
  return { owner, closed: closed.promise }
}

test('a service that has fallen silent loses its trunk; the next line is carried by another', async () => {
  const trunks: Duplex[] = []
  let asked = 0
  const server = createServer()
  server.on('upgrade', (_request, socket) => {
    trunks.push(socket)
    socket
      .on('error', () => undefined)
      .on('data', ({ length }: Buffer) => {
        asked += length
      })
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${trunkProtocol}\r\n\r\n`,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const near = makeNearTrunks({ log })
  onTestFinished(() => near.stop())
  const url = `http://127.0.0.1:${port}`
  const [first, second, third] = [makeOwner(), makeOwner(), makeOwner()]
  near.open(url, request, first.owner)
  const waiting = near.open(url, request, second.owner)
  await vi.waitUntil(() => asked > 0)
  waiting.destroy(new Error('no handshake in time'))
  expect((await second.closed)?.message).toBe('no handshake in time')
  await first.closed
  near.open(url, request, third.owner)
  await vi.waitUntil(() => trunks.length === 2)
})

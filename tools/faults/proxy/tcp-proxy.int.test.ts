import { once as event } from 'node:events'
import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeRandom } from '../../demo/random.ts'
import { httpFrames } from './http-frames.ts'
import { anyOf, cutting, delaying, holding, once, passing } from './rules.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

let server: Server
let proxy: TcpProxy
let heard: string[]

// Answers each line with a status line and the line itself, and says goodbye when the other side ends.
beforeEach(async () => {
  heard = []
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk.toString())
      socket.write(`HTTP/1.1 200 ${chunk.toString()}`)
    })
    socket.on('end', () => socket.end('bye'))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await event(server, 'listening')
  const { port } = server.address() as AddressInfo
  proxy = await startTcpProxy({ host: '127.0.0.1', port }, httpFrames)
})
afterEach(async () => {
  await proxy.close()
  server.close()
})

const dial = async (): Promise<Socket> => {
  const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
  await event(socket, 'connect')
  return socket
}
const answerTo = async (socket: Socket, line: string) => {
  socket.write(line)
  const [chunk] = (await event(socket, 'data')) as [Buffer]
  return chunk.toString()
}
const endOf = (socket: Socket) =>
  new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.once('close', () => resolve('closed'))
  })
const reply = { direction: 'reply', label: /^HTTP/ } as const

test('without a rule everything passes, and one side may end before the other', async () => {
  const socket = await dial()
  expect(await answerTo(socket, 'GET /a')).toBe('HTTP/1.1 200 GET /a')
  const rest = text(socket)
  socket.end()
  expect(await rest).toBe('bye')
  expect(proxy.connections()).toBe(1)
})

test('a lost reply: the request arrives, the answer does not, and the rule counts it', async () => {
  const rule = cutting({ ...reply, chance: 1, random: makeRandom(1) })
  proxy.setRule(rule)
  const socket = await dial()
  const end = endOf(socket)
  socket.write('GET /b')
  expect(await end).toBe('ECONNRESET')
  expect([heard, rule.struck()]).toEqual([['GET /b'], 1])
})

test('chance is seeded: the same seed cuts the same replies', () => {
  const fates = (seed: number) => {
    const rule = cutting({ ...reply, chance: 0.5, random: makeRandom(seed) })
    const frame = { ...reply, label: 'HTTP/1.1 200', bytes: Buffer.alloc(0) }
    return JSON.stringify(Array.from({ length: 40 }, () => rule.judge(frame)))
  }
  expect(fates(7)).toBe(fates(7))
  expect(fates(7)).not.toBe(fates(8))
})

test('a request that is cut never arrives', async () => {
  const rule = cutting({ direction: 'request', label: /^GET/, chance: 1, random: makeRandom(1) })
  proxy.setRule(rule)
  const socket = await dial()
  const end = endOf(socket)
  socket.write('GET /c')
  await end
  expect([heard, rule.struck()]).toEqual([[], 1])
})

test('delayed frames keep their order', async () => {
  const rule = delaying({ ...reply, delayMs: 20 })
  proxy.setRule(rule)
  const socket = await dial()
  expect(await answerTo(socket, 'GET /1')).toBe('HTTP/1.1 200 GET /1')
  expect(await answerTo(socket, 'GET /2')).toBe('HTTP/1.1 200 GET /2')
  expect(rule.struck()).toBe(2)
})

test('half open: the answer is held, the connection stays', async () => {
  const rule = holding(reply)
  proxy.setRule(anyOf(rule, passing))
  const socket = await dial()
  let answered = false
  socket.on('data', () => {
    answered = true
  })
  socket.write('GET /d')
  await expect.poll(() => rule.struck()).toBe(1)
  expect([answered, socket.destroyed, heard]).toEqual([false, false, ['GET /d']])
  const end = endOf(socket)
  proxy.cutAll()
  expect(await end).toBe('ECONNRESET')
})

test('a point strikes once, and may put other words into the mouth of the client', async () => {
  let struck = 0
  const strike = () => {
    struck += 1
  }
  const instead = Buffer.from('GET /made-up')
  proxy.setRule(once({ direction: 'request', label: /^GET/, action: { instead }, strike }))
  const socket = await dial()
  expect(await answerTo(socket, 'GET /e')).toBe('HTTP/1.1 200 GET /made-up')
  expect(await answerTo(socket, 'GET /f')).toBe('HTTP/1.1 200 GET /f')
  expect([struck, heard]).toEqual([1, ['GET /made-up', 'GET /f']])
})

test('while refused nobody gets through, and afterwards everybody does', async () => {
  proxy.refuse(true)
  const socket = connect({ host: '127.0.0.1', port: proxy.port })
  expect(await endOf(socket)).toBe('ECONNRESET')
  proxy.refuse(false)
  expect(await answerTo(await dial(), 'GET /g')).toBe('HTTP/1.1 200 GET /g')
})

import { readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  type Bench,
  makeBench,
  makePerson,
  startNotifier,
} from '../../notifier-service/test/bench.ts'
import { makeEvents } from '../../notifier-service/test/events.ts'
import type { Subject } from './check.ts'
import { feedProtocol } from './raw-socket.ts'
import { allChecks, type Finding, runSuite } from './suite.ts'

let bench: Bench
let notifier: Awaited<ReturnType<typeof startNotifier>>
let subject: Subject

beforeAll(async () => {
  bench = await makeBench()
  notifier = await startNotifier(bench, {
    FEED_PING_MS: '1000',
    FEED_PONG_MS: '1000',
    FEED_CONNECT_MS: '3000',
  })
  const bo = makePerson()
  const ana = makePerson()
  subject = {
    url: notifier.base,
    ticket: () => notifier.ticket(bo),
    token: async () => bo.token,
    async cause(count) {
      const people = { lender: ana.userId, borrower: bo.userId }
      await bench.send(bench.topics.books, makeEvents(people, count))
    },
  }
})
afterAll(async () => {
  await notifier.stop()
  await bench.stop()
})

const brokenOf = (findings: Finding[]) =>
  findings.filter(({ outcome }) => outcome === 'broken').map(({ id, found }) => `${id}: ${found}`)
const descriptors = () => readdirSync('/proc/self/fd').length
const openSockets = async () => {
  const answer = await fetch(`http://127.0.0.1:${notifier.metricsPort}/metrics`)
  return /quits_feed_sockets\S* (\d+)/.exec(await answer.text())?.[1]
}

test('the notifier speaks its protocol to friend and foe', async () => {
  const findings = await runSuite(subject)
  expect(brokenOf(findings)).toEqual([])
  expect(findings.filter(({ outcome }) => outcome === 'not checked')).toEqual([])
  expect(findings).toHaveLength(allChecks.length)
}, 120_000)

test('hostile peers leave no socket and no descriptor behind', async () => {
  const hostile = allChecks.filter(({ id }) => /^(framing|content|closing)\//.test(id))
  await runSuite(subject, undefined, hostile)
  await expect.poll(openSockets, { timeout: 15_000 }).toBe('0')
  const before = descriptors()
  for (let round = 0; round < 3; round += 1) await runSuite(subject, undefined, hostile)
  await expect.poll(openSockets, { timeout: 15_000 }).toBe('0')
  await expect.poll(descriptors, { timeout: 15_000 }).toBeLessThan(before + 10)
}, 120_000)

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that means well and knows nothing of what the suite asks for. */
const startCareless = async () => {
  const server = createServer((_request, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({ server, skipUTF8Validation: true })
  const say = (frame: unknown) => {
    for (const socket of sockets.clients) socket.send(JSON.stringify(frame))
  }
  let head = 0
  sockets.on('connection', (socket) => {
    socket.on('error', () => socket.terminate())
    socket.on('message', (data: Buffer) => {
      if (!data.toString().includes('"connect"')) return
      const counts = { unseen: 0, unread: 0 }
      const welcome = { epoch: 1, head, counts, pingMs: 600_000, recovered: true }
      socket.send(JSON.stringify({ type: 'welcome', ...welcome }))
    })
  })
  const eventOf = (seq: number) => ({
    type: 'event',
    seq,
    id: `x:${seq}`,
    kind: 'transaction.posted',
    weight: 'alert',
    at: '2026-11-01T10:00:00.000Z',
    actor: null,
    subject: { type: 'debt', id: 'x' },
    data: { balance: { minor: '1', currency: 'EUR' }, role: 'lender' },
  })
  const careless: Subject = {
    url: await listen(server),
    ticket: async () => 'any',
    token: async () => 'any',
    async cause(count) {
      // Every second number is left out.
      for (let made = 0; made < count; made += 1) {
        head += 2
        say(eventOf(head))
      }
    },
  }
  const stop = () => {
    for (const socket of sockets.clients) socket.terminate()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { careless, stop }
}

test('broken twin: a server that only seems to speak it is found out', async () => {
  const { careless, stop } = await startCareless()
  const wanted = [
    'content/utf8',
    'content/too-big',
    'content/binary',
    'first/pong',
    'first/list',
    'handshake/origin',
    'ticket/unknown',
    'order/live',
    'gap/epoch',
    'frames/flood',
  ]
  const checks = allChecks.filter(({ id }) => wanted.includes(id))
  const findings = await runSuite(careless, undefined, checks)
  await stop()
  expect(findings.filter(({ outcome }) => outcome !== 'broken')).toEqual([])
  expect(findings).toHaveLength(wanted.length)
  const live = findings.find(({ id }) => id === 'order/live')
  expect(live?.found).toMatch(/^seqs: 2,4,6.* instead of 1,2,3/)
}, 120_000)

test('broken twin: one that cuts instead of closing is found out', async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, handleProtocols: () => feedProtocol })
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', () => socket.terminate())
  })
  const url = await listen(server)
  const checks = allChecks.filter(({ id }) => id === 'first/ack')
  const findings = await runSuite(
    { url, ticket: async () => 'any', token: async () => 'any' },
    undefined,
    checks,
  )
  await new Promise<void>((resolve) => server.close(() => resolve()))
  expect(brokenOf(findings)).toEqual(['first/ack: cut off without a close frame, instead of 4500'])
})

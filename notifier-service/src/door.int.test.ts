import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, makeBench, makePerson, startNotifier } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { openClient } from '../test/feed-client.ts'
import { makeAppend } from './append.ts'
import { makeDocument } from './asyncapi/document.ts'
import { makeFeedStore } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { notificationsOf } from './notifications.ts'

let bench: Bench
let notifier: Awaited<ReturnType<typeof startNotifier>>

beforeAll(async () => {
  bench = await makeBench()
  notifier = await startNotifier(bench, {
    FEED_PING_MS: '200',
    FEED_PONG_MS: '1500',
    FEED_CONNECT_MS: '1500',
    FEED_SOCKETS_PER_USER_MAX: '2',
    FEED_SOCKETS_PER_ADDRESS_MAX: '40',
    ALLOWED_ORIGINS: 'https://other.test',
  })
})
afterAll(async () => {
  await notifier.stop()
  await bench.stop()
})

test('a ticket opens one socket, once', async () => {
  const bo = makePerson()
  const ticket = await notifier.ticket(bo)
  const first = await openClient(notifier.socketUrl)
  first.say({ type: 'connect', ticket, device: 'a' })
  expect(await first.frame('welcome')).toMatchObject({ head: 0, epoch: 1, pingMs: 200 })
  const second = await openClient(notifier.socketUrl)
  second.say({ type: 'connect', ticket, device: 'b' })
  expect(await second.closed()).toBe(closeCodes.unauthenticated)
  first.close()
})

test('tickets need a live session, asked for anew each time', async () => {
  const bo = makePerson()
  await notifier.ticket(bo)
  bench.identity.ended.add(bo.sessionId)
  const refused = await notifier.ask(bo, 'POST', '/v1/feed/tickets')
  expect(refused).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  const nobody = await fetch(`${notifier.base}/v1/feed/tickets`, { method: 'POST' })
  expect(nobody.status).toBe(401)
  expect(nobody.headers.get('content-type')).toBe('application/problem+json')
})

test('reads ask for a token once and then remember it', async () => {
  const bo = makePerson()
  await notifier.ask(bo, 'GET', '/v1/notifications')
  const before = bench.identity.state.asked
  await notifier.ask(bo, 'GET', '/v1/notifications')
  expect(bench.identity.state.asked).toBe(before)
})

test.each([
  ['the front door itself', 'https://quits.test'],
  ['an allowed origin', 'https://other.test'],
])('%s may open a feed', async (_, origin) => {
  const client = await notifier.connect(makePerson(), undefined, { origin })
  expect(await client.frame('welcome')).toMatchObject({ epoch: 1 })
  client.close()
})

test.each([
  ['another site', 'https://evil.test'],
  ['a site whose name begins alike', 'https://quits.test.evil.test'],
  ['another scheme', 'http://quits.test'],
  ['no site at all', 'null'],
])('%s may not, even with a ticket', async (_, origin) => {
  const client = await notifier.connect(makePerson(), undefined, { origin })
  expect(await client.closed()).toBe(closeCodes.origin)
  expect(client.frames).toEqual([])
})

test.each([
  ['text that is no JSON', 'hello'],
  ['JSON that is no object', '[]'],
  ['another frame first', { type: 'pong' }],
  ['an unknown frame first', { type: 'confetti' }],
  ['a connect without a device', { type: 'connect', ticket: 'x' }],
])('%s closes with the bad frame code', async (_, frame) => {
  const client = await openClient(notifier.socketUrl)
  client.say(frame)
  expect(await client.closed()).toBe(closeCodes.badFrame)
})

test('binary and oversize messages are refused', async () => {
  const binary = await openClient(notifier.socketUrl)
  binary.socket.send(Buffer.from([1, 2, 3]))
  expect(await binary.closed()).toBe(closeCodes.badFrame)
  const big = await openClient(notifier.socketUrl)
  big.say('x'.repeat(4_097))
  expect(await big.closed()).toBe(1009)
})

test('after the welcome, bad frames close and frames of the future are answered', async () => {
  const client = await notifier.connect(makePerson())
  await client.frame('welcome')
  client.say({ type: 'confetti' })
  expect(await client.frame('error')).toMatchObject({ code: 'unknown_type', temporary: false })
  client.say({ type: 'mark', status: 'read' })
  expect(await client.closed()).toBe(closeCodes.badFrame)
})

test('a socket that never connects, speaks no version or floods is closed with the right code', async () => {
  const silent = await openClient(notifier.socketUrl)
  expect(await silent.closed()).toBe(closeCodes.noConnect)
  const old = await openClient(notifier.socketUrl, { protocol: '' })
  expect(await old.closed()).toBe(closeCodes.version)
  const flood = await notifier.connect(makePerson())
  await flood.frame('welcome')
  for (let count = 0; count < 200; count += 1) flood.say({ type: 'ack', seq: 0 })
  expect(await flood.closed()).toBe(closeCodes.tooFast)
})

test('a device that answers no ping is closed; one that does stays', async () => {
  const bo = makePerson()
  const mute = await notifier.connect(bo, undefined, { mute: true })
  const awake = await notifier.connect(bo)
  expect(await mute.closed()).toBe(closeCodes.noPong)
  const pings = awake.of('ping').length
  await awake.frame('ping', pings + 2)
  awake.close()
})

test('one socket too many is refused, by user and by address', async () => {
  const bo = makePerson()
  const held = await Promise.all([notifier.connect(bo), notifier.connect(bo)])
  await Promise.all(held.map((client) => client.frame('welcome')))
  const third = await notifier.connect(bo, undefined, { device: 'another' })
  expect(await third.closed()).toBe(closeCodes.tooManySockets)
  held[0]?.close()
  await held[0]?.closed()
  const again = await notifier.connect(bo)
  await again.frame('welcome')

  const address = '203.0.113.7'
  const opening = Array.from({ length: 40 }, () => openClient(notifier.socketUrl, { address }))
  const crowd = await Promise.all(opening)
  const extra = await openClient(notifier.socketUrl, { address })
  expect(await extra.closed()).toBe(closeCodes.tooManySockets)
  for (const client of [...held, again, ...crowd]) client.close()
})

test('X4: a device that went without a word is not kept out by its own ghosts', async () => {
  const bo = makePerson()
  const phone = { device: 'phone' }
  const laptop = await notifier.connect(bo, undefined, { device: 'laptop' })
  const ghost = await notifier.connect(bo, undefined, phone)
  await Promise.all([laptop.frame('welcome'), ghost.frame('welcome')])
  ghost.socket.pause()
  const back = await notifier.connect(bo, undefined, phone)
  expect(await back.frame('welcome')).toMatchObject({ epoch: 1 })
  // Only its own place: the other device is where it was.
  await laptop.frame('ping', laptop.of('ping').length + 2)
  expect(laptop.socket.readyState).toBe(laptop.socket.OPEN)
  for (const client of [laptop, ghost, back]) client.socket.terminate()
})

test('a token that ends closes the socket, unless a new ticket came in time', async () => {
  const bo = makePerson()
  bench.identity.state.lifeMs = 2_500
  const [left, kept] = await Promise.all([notifier.connect(bo), notifier.connect(bo)])
  await Promise.all([left.frame('welcome'), kept.frame('welcome')])
  bench.identity.state.lifeMs = 900_000
  kept.say({ type: 'refresh', ticket: await notifier.ticket(makePerson()) })
  expect(await kept.frame('error')).toMatchObject({ code: 'ticket_refused' })
  kept.say({ type: 'refresh', ticket: await notifier.ticket(bo) })
  expect(await left.closed()).toBe(closeCodes.expired)
  await kept.frame('ping', kept.of('ping').length + 3)
  kept.close()
})

test('a lost hint is healed by the next ping', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const client = await notifier.connect(makePerson(people.borrower))
  await client.frame('welcome')
  // Another process stores and dies before its hint leaves.
  const store = makeFeedStore(bench.database)
  const append = makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now })
  await append(makeEvents(people, 3).flatMap(notificationsOf))
  await client.event(3)
  expect(client.seqs()).toEqual([1, 2, 3])
  const metrics = await fetch(`http://127.0.0.1:${notifier.metricsPort}/metrics`)
  expect(await metrics.text()).toMatch(/quits_feed_hints_repaired_total\{[^}]*\} [1-9]/)
  client.close()
})

test('requests are checked and refused as problem documents', async () => {
  const bo = makePerson()
  const answers = await Promise.all([
    notifier.ask(bo, 'GET', '/v1/notifications?limit=0'),
    notifier.ask(bo, 'GET', '/v1/notifications?cursor=9:9'),
    notifier.ask(bo, 'GET', '/v1/notifications?colour=red'),
    notifier.ask(bo, 'POST', '/v1/notifications/marks', { status: 'read' }),
    notifier.ask(bo, 'POST', '/v1/notifications/marks', { upTo: 1, status: 'unseen' }),
    notifier.ask(bo, 'POST', '/v1/notifications/marks', { upTo: 1, status: 'read', x: 1 }),
    notifier.ask(bo, 'GET', '/v1/notifications/nothing'),
    notifier.ask(bo, 'GET', '/v1/feed'),
  ])
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
    [422, 'invalid_request'],
    [422, 'invalid_request'],
    [422, 'unknown_field'],
    [422, 'invalid_request'],
    [422, 'invalid_request'],
    [422, 'unknown_field'],
    [404, 'not_found'],
    [426, 'upgrade_required'],
  ])
})

test('an upgrade elsewhere is refused without a socket', async () => {
  const socket = connect(notifier.port, '127.0.0.1')
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString()))
  })
  socket.write(
    'GET /v1/other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  expect(await answer).toMatch(/^HTTP\/1.1 404 /)
  socket.destroy()
})

test('the protocol is documented where it is spoken, for everybody', async () => {
  const answer = await fetch(`${notifier.base}/v1/feed/asyncapi.json`)
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(makeDocument())))
})

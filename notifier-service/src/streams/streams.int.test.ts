import { randomUUID } from 'node:crypto'
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, makeBench, makePerson, startNotifier } from '../../test/bench.ts'
import { makeEvents } from '../../test/events.ts'
import { openStream } from '../../test/stream-client.ts'

let bench: Bench
let notifier: Awaited<ReturnType<typeof startNotifier>>
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)
const pair = () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  return { people, bo: makePerson(people.borrower) }
}
const send = (people: { lender: string; borrower: string }, count: number) =>
  bench.send(bench.topics.books, makeEvents(people, count))

beforeAll(async () => {
  bench = await makeBench()
  notifier = await startNotifier(bench, { FEED_SOCKETS_PER_USER_MAX: '2' })
})
afterAll(async () => {
  await notifier.stop()
  await bench.stop()
})

test('a stream brings the same events as a socket, in order, each with its place', async () => {
  const { people, bo } = pair()
  const stream = await openStream(notifier.base, bo)
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
  expect(stream.response.headers.get('cache-control')).toBe('no-store')
  const socket = await notifier.connect(bo)
  await stream.until(() => stream.of('welcome').length === 1)
  expect(stream.lastId()).toBe('1:0')
  await send(people, 20)
  await socket.event(20)
  await stream.until(() => stream.seqs().length === 20)
  expect(stream.of('event')).toEqual(socket.of('event'))
  expect(stream.state.ids.slice(1)).toEqual(upTo(20).map((seq) => `1:${seq}`))

  socket.say({ type: 'mark', upTo: 20, status: 'read' })
  await stream.until(() => stream.of('state').length === 1)
  expect(stream.of('state')[0]).toMatchObject({ upTo: 20, counts: { unseen: 0, unread: 0 } })
  socket.close()
  await stream.leave()
})

test('a stream that comes back with its last id gets exactly what it missed', async () => {
  const { people, bo } = pair()
  const first = await openStream(notifier.base, bo)
  await first.until(() => first.of('welcome').length === 1)
  await send(people, 3)
  await first.until(() => first.seqs().length === 3)
  await first.leave()
  await send(people, 150)
  const again = await openStream(notifier.base, bo, first.lastId())
  await again.until(() => again.of('replayed').length === 1 && again.seqs().length >= 150)
  expect(again.seqs()).toEqual(upTo(150, 4))
  // An EventSource that lost the stream right after its welcome must not skip the replay.
  expect(again.state.ids[0]).toBe('1:3')
  await again.leave()
})

test('broken twin: a welcome that carried the head as its place would lose the replay', async () => {
  const { people, bo } = pair()
  await send(people, 5)
  const watching = await openStream(notifier.base, bo, '1:0')
  await watching.until(() => watching.seqs().length === 5)
  const first = await openStream(notifier.base, bo, '1:0')
  await first.until(() => first.of('welcome').length === 1)
  const head = first.of('welcome')[0]?.head
  await Promise.all([first.leave(), watching.leave()])
  const again = await openStream(notifier.base, bo, `1:${head}`)
  await again.until(() => again.of('replayed').length === 1)
  expect(again.seqs()).not.toEqual(upTo(5))
  await again.leave()
})

test('a place that is no longer known is a gap, after which nothing is missed', async () => {
  const { people, bo } = pair()
  await send(people, 4)
  const seen = await openStream(notifier.base, bo, '1:0')
  await seen.until(() => seen.seqs().length === 4)
  await seen.leave()
  const stream = await openStream(notifier.base, bo, '7:1')
  await stream.until(() => stream.of('gap').length === 1)
  expect(stream.of('welcome')[0]).toMatchObject({ recovered: false, head: 4 })
  expect(stream.state.ids).toEqual(['1:4'])
  await send(people, 2)
  await stream.until(() => stream.seqs().length === 2)
  expect(stream.seqs()).toEqual([5, 6])
  await stream.leave()
})

test('streams and sockets share one limit, and a place that is given back is free', async () => {
  const { bo } = pair()
  const socket = await notifier.connect(bo)
  await socket.frame('welcome')
  const stream = await openStream(notifier.base, bo)
  await stream.until(() => stream.of('welcome').length === 1)
  const third = await openStream(notifier.base, bo)
  expect(third.response.status).toBe(429)
  expect(await third.response.json()).toMatchObject({ code: 'too_many_streams' })
  const another = await notifier.connect(bo, undefined, { device: 'another' })
  expect(await another.closed()).toBe(closeCodes.tooManySockets)
  await stream.leave()
  const metrics = `http://127.0.0.1:${notifier.metricsPort}/metrics`
  const open = async () =>
    /quits_feed_streams\S* (\d+)/.exec(await (await fetch(metrics)).text())?.[1]
  await expect.poll(open, { timeout: 10_000 }).toBe('0')
  const fourth = await openStream(notifier.base, bo)
  expect(fourth.response.status).toBe(200)
  await fourth.leave()
  socket.close()
})

test('a stream needs a live session and a place of this feed', async () => {
  const { bo } = pair()
  const odd = await openStream(notifier.base, bo, 'yesterday')
  expect(odd.response.status).toBe(422)
  bench.identity.ended.add(bo.sessionId)
  const refused = await openStream(notifier.base, bo)
  expect(refused.response.status).toBe(401)
  expect(refused.response.headers.get('content-type')).toBe('application/problem+json')
})

test('the end of the session says bye and ends the stream', async () => {
  const { bo } = pair()
  const stream = await openStream(notifier.base, bo)
  await stream.until(() => stream.of('welcome').length === 1)
  await bench.send(bench.topics.users, [
    {
      id: `${bo.userId}:1`,
      specversion: '1.0',
      source: '/expenses',
      type: 'session.revoked.v1',
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: { userId: bo.userId, sessionId: bo.sessionId },
    } as { id: string },
  ])
  await stream.until(() => stream.state.ended)
  expect(stream.of('bye')).toEqual([
    { type: 'bye', code: closeCodes.unauthenticated, reconnect: false, afterMs: 0 },
  ])
})

test('a silent stream shows that it lives, and a stopping process says when to come back', async () => {
  const { bo } = pair()
  const leaving = await startNotifier(bench)
  const stream = await openStream(leaving.base, bo)
  await stream.until(() => stream.state.comments >= 1)
  await leaving.stop()
  await stream.until(() => stream.state.ended)
  expect(stream.of('bye')).toMatchObject([{ code: closeCodes.drain, reconnect: true }])
})

import { randomUUID } from 'node:crypto'
import { closeCodes } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bench, makeBench, makePerson, startNotifier } from '../test/bench.ts'
import { makeEvent, makeEvents } from '../test/events.ts'
import { openClient } from '../test/feed-client.ts'

const bound = { timeout: 30_000, interval: 50 }
const pair = () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  return { people, bo: makePerson(people.borrower) }
}
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)

let bench: Bench
let here: Awaited<ReturnType<typeof startNotifier>>
/** Another process of the same service: it may get Kafka's records, and knows nothing of `here`. */
let there: Awaited<ReturnType<typeof startNotifier>>

beforeAll(async () => {
  bench = await makeBench()
  ;[here, there] = await Promise.all([startNotifier(bench), startNotifier(bench)])
})
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()])
  await bench.stop()
})

test('an event reaches every device of both people, on whichever process they are', async () => {
  const { people, bo } = pair()
  const ana = makePerson(people.lender)
  const clients = await Promise.all([here.connect(bo), there.connect(bo), there.connect(ana)])
  await Promise.all(clients.map((client) => client.frame('welcome')))
  const [event] = makeEvents(people, 1)
  await bench.send(bench.topics.books, event === undefined ? [] : [event])
  const [one, two, three] = await Promise.all(clients.map((client) => client.event(1)))
  expect(one).toMatchObject({
    id: event?.id,
    kind: 'transaction.posted',
    weight: 'alert',
    actor: people.lender,
    data: { role: 'borrower', amount: { minor: '4000', currency: 'EUR' } },
  })
  expect(two).toEqual(one)
  expect(three).toMatchObject({ weight: 'silent', actor: people.lender, data: { role: 'lender' } })
  for (const client of clients) client.close()
})

test('a device that was away gets exactly what it missed, in order, then goes on live', async () => {
  const { people, bo } = pair()
  const first = await here.connect(bo)
  await first.frame('welcome')
  await bench.send(bench.topics.books, makeEvents(people, 2))
  await first.event(2)
  first.close()
  await first.closed()

  await bench.send(bench.topics.books, makeEvents(people, 3))
  const other = await there.connect(bo, { epoch: 1, seq: 0 })
  await other.event(5)
  // Whoever stored them tells the other process through Redis, which takes its time.
  const beside = await here.connect(bo, { epoch: 1, seq: 0 })
  await beside.event(5)
  beside.close()
  const again = await here.connect(bo, { epoch: 1, seq: 2 })
  expect(await again.frame('replayed')).toEqual({ type: 'replayed', from: 2, to: 5 })
  expect(again.of('welcome')[0]).toMatchObject({ head: 5, recovered: true })
  expect(again.seqs()).toEqual([3, 4, 5])
  await bench.send(bench.topics.books, makeEvents(people, 1))
  await Promise.all([again.event(6), other.event(6)])
  expect(again.seqs()).toEqual([3, 4, 5, 6])
  expect(other.seqs()).toEqual(upTo(6))
  again.close()
  other.close()
})

test('without a place to resume from a device is live from the head on', async () => {
  const { people, bo } = pair()
  await bench.send(bench.topics.books, makeEvents(people, 4))
  const watching = await here.connect(bo, { epoch: 1, seq: 0 })
  await watching.event(4)
  const fresh = await here.connect(bo)
  expect(await fresh.frame('welcome')).toMatchObject({ epoch: 1, head: 4, recovered: false })
  await bench.send(bench.topics.books, makeEvents(people, 1))
  await fresh.event(5)
  expect(fresh.seqs()).toEqual([5])
  watching.close()
  fresh.close()
})

test('a replay of many pages is complete and in order while new events arrive', async () => {
  const { people, bo } = pair()
  await bench.send(bench.topics.books, makeEvents(people, 350))
  const watching = await there.connect(bo, { epoch: 1, seq: 0 })
  await watching.event(350)
  const late = await here.connect(bo, { epoch: 1, seq: 0 })
  await bench.send(bench.topics.books, makeEvents(people, 30))
  await late.event(380)
  expect(late.seqs()).toEqual(upTo(380))
  watching.close()
  late.close()
})

test.each([
  ['of another epoch', { epoch: 7, seq: 1 }],
  ['above the head', { epoch: 1, seq: 99 }],
])('a place %s is answered with a gap, and the device goes on live', async (_, since) => {
  const { people, bo } = pair()
  await bench.send(bench.topics.books, makeEvents(people, 3))
  const watching = await here.connect(bo, { epoch: 1, seq: 0 })
  await watching.event(3)
  const client = await here.connect(bo, since)
  expect(await client.frame('gap')).toEqual({ type: 'gap', earliest: 1, head: 3 })
  expect(client.of('welcome')[0]).toMatchObject({ head: 3, recovered: false })
  await bench.send(bench.topics.books, makeEvents(people, 1))
  await client.event(4)
  expect(client.seqs()).toEqual([4])
  watching.close()
  client.close()
})

test('a place below what is kept is a gap that names the earliest', async () => {
  const { people, bo } = pair()
  await bench.send(bench.topics.books, makeEvents(people, 5))
  const watching = await here.connect(bo, { epoch: 1, seq: 0 })
  await watching.event(5)
  await bench.database
    .collection('notifications')
    .deleteMany({ userId: bo.userId, epoch: 1, seq: { $lte: 3 } })
  const client = await there.connect(bo, { epoch: 1, seq: 2 })
  expect(await client.frame('gap')).toEqual({ type: 'gap', earliest: 4, head: 5 })
  const near = await there.connect(bo, { epoch: 1, seq: 3 })
  await near.frame('replayed')
  expect(near.seqs()).toEqual([4, 5])
  for (const each of [watching, client, near]) each.close()
})

test('poison becomes a dead letter with its reason, and the rest goes on', async () => {
  const { people, bo } = pair()
  const client = await here.connect(bo)
  await client.frame('welcome')
  const [good, unknown] = makeEvents(people, 2)
  await bench.sendRaw(bench.topics.books, '{"half":')
  await bench.sendRaw(bench.topics.books, JSON.stringify({ ...unknown, type: 'debt.proposed.v9' }))
  await bench.send(bench.topics.books, good === undefined ? [] : [good])
  await client.event(1)
  // By key: a batch that comes again buries again, under the same name.
  const dead = new Map<string, string>()
  const reader = bench.kafka.makeConsumer({
    groupId: `${bench.prefix}-dead`,
    topics: [bench.topics.deadOf(bench.topics.books)],
    fromBeginning: true,
    onBatch: async (records) => {
      for (const { key, value } of records) dead.set(key, value)
    },
  })
  const stopper = new AbortController()
  const reading = reader.run(stopper.signal)
  await vi.waitFor(() => expect(dead.size).toBe(2), bound)
  stopper.abort()
  await reading
  const letters = [...dead.values()].map((value) => JSON.parse(value) as Record<string, unknown>)
  expect(letters.map(({ reason }) => reason)).toEqual(['not JSON', expect.stringContaining('type')])
  expect(letters[1]).toMatchObject({ stack: expect.stringMatching(/^type: /) })
  expect(letters[0]).toMatchObject({ topic: bench.topics.books, value: '{"half":', key: 'raw' })
  expect([...dead.keys()].join(' ')).toMatch(/\.books\/\d+\/\d+ .*\.books\/\d+\/\d+$/)
  client.close()
})

test('a mark reaches the other devices, counts agree everywhere, and nothing moves back', async () => {
  const { people, bo } = pair()
  const [phone, laptop] = await Promise.all([here.connect(bo), there.connect(bo)])
  await Promise.all([phone.frame('welcome'), laptop.frame('welcome')])
  const events = makeEvents(people, 4)
  await bench.send(bench.topics.books, events)
  await Promise.all([phone.event(4), laptop.event(4)])

  phone.say({ type: 'mark', upTo: 3, status: 'read' })
  const seen = { type: 'state', upTo: 3, status: 'read', counts: { unseen: 1, unread: 1 }, head: 4 }
  expect(await phone.frame('state')).toEqual(seen)
  expect(await laptop.frame('state')).toEqual(seen)

  const id = phone.of('event')[3]?.id
  const marked = await there.ask(bo, 'POST', '/v1/notifications/marks', {
    ids: [id],
    status: 'seen',
  })
  expect(marked).toEqual({ status: 200, body: { counts: { unseen: 0, unread: 1 } } })
  expect(await phone.frame('state', 2)).toMatchObject({ ids: [id], status: 'seen' })

  laptop.say({ type: 'mark', upTo: 4, status: 'seen' })
  expect(await phone.frame('state', 3)).toMatchObject({ counts: { unseen: 0, unread: 1 } })
  const page = await here.ask(bo, 'GET', '/v1/notifications')
  expect(page.body).toMatchObject({ counts: { unseen: 0, unread: 1 }, next: null })
  const items = page.body.items as { seq: number; status: string }[]
  expect(items.map(({ seq, status }) => [seq, status])).toEqual([
    [4, 'seen'],
    [3, 'read'],
    [2, 'read'],
    [1, 'read'],
  ])
  const back = await here.connect(bo, { epoch: 1, seq: 2 })
  await back.frame('replayed')
  expect(back.of('welcome')[0]).toMatchObject({ counts: { unseen: 0, unread: 1 } })
  expect(back.of('event').map(({ status }) => status)).toEqual(['read', 'seen'])
  for (const client of [phone, laptop, back]) client.close()
})

test('nobody can mark what is somebody else’s', async () => {
  const { people, bo } = pair()
  const stranger = makePerson()
  const client = await here.connect(bo)
  await client.frame('welcome')
  await bench.send(bench.topics.books, makeEvents(people, 1))
  const { id } = await client.event(1)
  const marks = { ids: [id], status: 'archived' }
  expect(await here.ask(stranger, 'POST', '/v1/notifications/marks', marks)).toMatchObject({
    status: 200,
  })
  const page = await here.ask(bo, 'GET', '/v1/notifications')
  expect(page.body).toMatchObject({ items: [{ status: 'unseen' }] })
  client.close()
})

test('my own acts are silent on my devices and do not count', async () => {
  const { people } = pair()
  const ana = makePerson(people.lender)
  const client = await here.connect(ana)
  await client.frame('welcome')
  await bench.send(bench.topics.books, [makeEvent(people)])
  expect(await client.event(1)).toMatchObject({ weight: 'silent' })
  const page = await here.ask(ana, 'GET', '/v1/notifications')
  expect(page.body).toMatchObject({ counts: { unseen: 0, unread: 0 } })
  client.close()
})

test('pages go back through everything once, newest first', async () => {
  const { people, bo } = pair()
  await bench.send(bench.topics.books, makeEvents(people, 7))
  const client = await here.connect(bo, { epoch: 1, seq: 0 })
  await client.event(7)
  const seqs: number[] = []
  let path = '/v1/notifications?limit=3'
  for (let pages = 0; pages < 4; pages += 1) {
    const { body } = await here.ask(bo, 'GET', path)
    const page = body as { items: { seq: number }[]; next: string | null }
    seqs.push(...page.items.map(({ seq }) => seq))
    if (page.next === null) break
    path = `/v1/notifications?limit=3&cursor=${page.next}`
  }
  expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1])
  client.close()
})

test('a session that ends closes its sockets on every process and its tokens are refused', async () => {
  const { bo } = pair()
  const elsewhere = makePerson(bo.userId)
  const mine = await Promise.all([here.connect(bo), there.connect(bo)])
  const other = await here.connect(elsewhere)
  await Promise.all([...mine, other].map((client) => client.frame('welcome')))
  const spare = await here.ticket(bo)
  await here.ask(bo, 'GET', '/v1/notifications')
  bench.identity.ended.add(bo.sessionId)
  await bench.send(bench.topics.users, [
    {
      id: randomUUID(),
      ...envelope,
      type: 'session.revoked.v1',
      data: { userId: bo.userId, sessionId: bo.sessionId },
    } as { id: string },
  ])
  expect(await Promise.all(mine.map((client) => client.closed()))).toEqual([
    closeCodes.unauthenticated,
    closeCodes.unauthenticated,
  ])
  expect((await here.ask(bo, 'GET', '/v1/notifications')).status).toBe(401)
  const late = await openClient(here.socketUrl)
  late.say({ type: 'connect', ticket: spare, device: 'late' })
  expect(await late.closed()).toBe(closeCodes.unauthenticated)
  other.say({ type: 'mark', upTo: 0, status: 'seen' })
  await other.frame('state')
  other.close()
})

const envelope = {
  specversion: '1.0',
  source: '/expenses',
  time: '2026-11-01T10:00:00.000Z',
  datacontenttype: 'application/json',
}

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bench, makeBench, makePerson } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { makeProcess } from '../test/process.ts'
import { makeSteadfastClient } from '../test/steadfast-client.ts'

const bound = { timeout: 90_000, interval: 50 }
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

let bench: Bench
let notifier: Awaited<ReturnType<typeof makeProcess>>

beforeAll(async () => {
  bench = await makeBench()
  notifier = await makeProcess(bench, { KAFKA_SESSION_MS: '6000', FEED_PING_MS: '1000' })
  notifier.start()
  await notifier.ready()
})
afterAll(async () => {
  await notifier.kill()
  await bench.stop()
})

test('300 events and three SIGKILLs: the device ends with 1 to 300, once, in order', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const device = makeSteadfastClient(notifier, makePerson(people.borrower))
  const bookId = randomUUID()
  const send = (count: number, from: number) =>
    bench.send(bench.topics.books, makeEvents(people, count, from, bookId))
  const reached = (count: number) =>
    vi.waitFor(() => expect(device.applied.length).toBeGreaterThanOrEqual(count), bound)

  for (const round of [0, 1, 2]) {
    const first = round * 100
    await send(40, first + 1)
    await reached(first + 20)
    // While the rest of the round is on its way through.
    const sending = send(60, first + 41)
    await notifier.kill()
    await sending
    notifier.start()
  }
  await reached(300)
  expect(device.applied).toEqual(upTo(300))
  expect(device.gaps).toEqual([])
  expect(device.spells()).toBeGreaterThanOrEqual(3)
  const rows = bench.database.collection('notifications')
  for (const userId of Object.values(people)) {
    expect(await rows.countDocuments({ userId })).toBe(300)
  }
  await device.leave()
}, 180_000)

test('SIGTERM says bye to every device and leaves cleanly; the next life goes on', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const bo = makePerson(people.borrower)
  await notifier.ready()
  const client = await notifier.connect(bo)
  await client.frame('welcome')
  const left = notifier.terminate()
  expect(await client.frame('bye')).toMatchObject({ code: 4000, reconnect: true })
  expect(await client.closed()).toBe(4000)
  expect(await left).toBe(0)

  await bench.send(bench.topics.books, makeEvents(people, 3))
  notifier.start()
  await notifier.ready()
  const again = await notifier.connect(bo, { epoch: 1, seq: 0 })
  await again.event(3)
  expect(again.seqs()).toEqual([1, 2, 3])
  again.close()
}, 90_000)

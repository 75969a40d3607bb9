import { randomUUID } from 'node:crypto'
import type { ReceivedRecord } from '@quits/kit/kafka'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bench, log, makeBench, runParts } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { makeAppend } from './append.ts'
import { makeBooksPart, makeGraveyard } from './consumers.ts'
import { makeFeedStore, makeMongo, rowsOf } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { type Ingest, makeIngest } from './ingest.ts'
import { makePreferenceStore } from './preference-store.ts'

const bound = { timeout: 40_000, interval: 50 }
let bench: Bench
let mongo: ReturnType<typeof makeMongo>
let stopMongo: () => Promise<void>

beforeAll(async () => {
  bench = await makeBench()
  mongo = makeMongo({ url: bench.env.MONGO_URL, database: bench.prefix, log })
  stopMongo = runParts([mongo.part])
  await mongo.indexed
})
afterAll(async () => {
  await stopMongo()
  await bench.stop()
})

const makeRealIngest = (): Ingest => {
  const store = makeFeedStore(mongo.database)
  return makeIngest({
    append: makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now }),
    preferences: makePreferenceStore(mongo.database, Date.now),
    bury: async () => {},
    hint: () => {},
    figures: makeTestFigures(),
    lag: { began: () => {}, ended: () => {} },
  })
}

/** A consumer process of the same group, on the same topic; `stop` is its orderly end. */
const startReader = (ingest: Ingest) => {
  const { part } = makeBooksPart({
    kafka: bench.kafka,
    prefix: bench.prefix,
    booksPartitions: 6,
    usersPartitions: 3,
    log,
    ingest,
    graveyard: makeGraveyard(bench.kafka, bench.topics.deadOf(bench.topics.books)),
    indexed: mongo.indexed,
    sessionMs: 10_000,
  })
  return runParts([part])
}

/** The first process gets the batch and dies at `dying`; the next one is sound. What is stored? */
const survive = async (dying: (real: Ingest, records: ReceivedRecord[]) => Promise<void>) => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  let died = 0
  const real = makeRealIngest()
  const stopFirst = startReader(async (records) => {
    died += records.length
    await dying(real, records)
  })
  await bench.send(bench.topics.books, makeEvents(people, 20))
  await vi.waitFor(() => expect(died).toBeGreaterThanOrEqual(20), bound)
  await stopFirst()

  const marker = { lender: randomUUID(), borrower: randomUUID() }
  const stopSecond = startReader(makeRealIngest())
  // One event for each partition, so that all of them were read to here.
  const ends = Array.from({ length: 40 }, () => makeEvents(marker, 1)).flat()
  await bench.send(bench.topics.books, ends)
  const rows = rowsOf(mongo.database)
  await vi.waitFor(
    async () => expect(await rows.countDocuments({ userId: marker.lender })).toBe(40),
    bound,
  )
  await stopSecond()
  const stored = await rows.find({ userId: people.borrower }).sort({ seq: 1 }).toArray()
  return stored.map((row) => row.seq)
}

const all = Array.from({ length: 20 }, (_, index) => index + 1)
const died = () => Promise.reject(new Error('killed'))

test('a process that dies before it stored loses nothing', async () => {
  expect(await survive(died)).toEqual(all)
})

test('a process that dies after it stored and before the commit doubles nothing', async () => {
  const stored = await survive(async (real, records) => {
    await real(records)
    await died()
  })
  expect(stored).toEqual(all)
})

test('broken twin: committing before storing loses what was under way', async () => {
  // Resolves at once, so the offset is committed; then the process is gone.
  expect(await survive(async () => {})).not.toEqual(all)
})

import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mongoUrl } from '../../notifier-service/test/bench.ts'
import { makeEvents } from '../../notifier-service/test/events.ts'
import { startJournal } from '../../notifier-service/test/journal.ts'
import { databaseOf, rebuildFeeds, reconcileFeeds, withRepairs } from './repair.ts'

const database = `tool${randomUUID().slice(0, 8)}`
let ledger: Awaited<ReturnType<typeof startJournal>>
let client: MongoClient

beforeAll(async () => {
  ledger = await startJournal()
  client = new MongoClient(mongoUrl(database))
  await client
    .db()
    .collection('notifications')
    .createIndex({ userId: 1, epoch: 1, seq: 1 }, { unique: true })
})
afterAll(async () => {
  await client.db().dropDatabase()
  await client.close()
  await ledger.stop()
})

test('what the journal has and a feed has not is named, then mended, then gone', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  ledger.state.events = makeEvents(people, 3)
  const url = mongoUrl(database)
  expect(databaseOf(url)).toBe(database)
  const at = { mongoUrl: url, database, journalAddress: ledger.address, retentionDays: 400 }
  const lines: string[] = []
  const look = (mend: boolean, userIds: string[] = []) =>
    withRepairs(at, (repairs) =>
      reconcileFeeds(userIds, { mend }, repairs, (line) => void lines.push(line)),
    )

  expect(await look(false, [people.borrower])).toEqual({ looked: 1, broken: 1 })
  const [first, hour, missing] = lines
  expect(first).toBe(`${people.borrower}: not mended (--mend)`)
  expect(hour).toMatch(/differs in the hour from 2026-11-01T10:00:00.000Z/)
  expect(missing).toBe(`  missing: ${ledger.state.events.map(({ id }) => id).join(' ')}`)

  expect(await look(true)).toEqual({ looked: 2, broken: 2 })
  expect(await look(false)).toEqual({ looked: 2, broken: 0 })
  const rebuilt = await withRepairs(at, (repairs) => rebuildFeeds([people.borrower], repairs))
  expect(rebuilt).toEqual([expect.stringMatching(/: 3 notifications under epoch \d{10}$/)])
  expect(await look(false)).toEqual({ looked: 2, broken: 0 })
})

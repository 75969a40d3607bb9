// The rows a bench starts from pass the check that comes after it, and the check can fail.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  makeTestDatabase,
  type TestDatabase,
} from '../../../expenses-service/src/testing/database.ts'
import { countEntries, countEvents, faultsOf, faultsSeenBy } from './check.ts'
import { fillLedger } from './data.ts'
import { lengthen } from './entries.ts'

let database: TestDatabase
let ownerUrl: string

beforeAll(async () => {
  database = await makeTestDatabase()
  const owner = new URL(database.url)
  owner.search = ''
  ownerUrl = owner.href
  const bookIds = await fillLedger(ownerUrl, { people: 3, debts: 6 })
  await lengthen(ownerUrl, { bookIds, upTo: 9, passes: 3 })
})
afterAll(() => database.drop())

test('every debt is as long as it was to be, and the chain holds', async () => {
  expect(await countEntries(ownerUrl)).toBe(54)
  expect(await countEvents(ownerUrl)).toBe(0)
  expect(await faultsOf(ownerUrl)).toEqual([])
})

const one = 'book_id = (SELECT min(book_id::text) FROM books)::uuid'

test.each([
  [
    'hash of its canonical form',
    `UPDATE transactions SET amount_minor = 1 WHERE seq = 5 AND ${one}`,
  ],
  ['follow the one before', `UPDATE transactions SET prev_hash = hash WHERE seq = 5 AND ${one}`],
  ['end where its journal ends', `UPDATE books SET last_seq = 8 WHERE ${one}`],
  ['sum of its postings', `UPDATE books SET posted_minor[1] = 1 WHERE ${one}`],
  ['sum to zero', `UPDATE books SET posted_minor[1] = 1 WHERE ${one}`],
])('a ledger that breaks "%s" is found out', async (promise, forgery) => {
  const connection = await database.admin.connect()
  try {
    await connection.query('BEGIN')
    await connection.query(forgery)
    expect((await faultsSeenBy(connection)).join()).toContain(promise)
  } finally {
    connection.release(true)
  }
})

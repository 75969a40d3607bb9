import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Scene } from '../../expenses-service/src/testing/scene.ts'
import type { Fault } from './book-check.ts'
import { checkAfter, writeLedger } from './test-ledger.ts'

let scene: Scene
let debtId: string

beforeAll(async () => {
  const ledger = await writeLedger()
  scene = ledger.scene
  debtId = ledger.debtId
})
afterAll(() => scene.close())

const placesOf = (faults: Fault[]) =>
  new Set(faults.flatMap(({ book, seq }) => (seq === undefined ? [] : [`${book}:${seq}`])))

test('a ledger as the service wrote it has no fault', async () => {
  const { faults, totals } = await checkAfter(scene, [])
  expect(faults).toEqual([])
  expect(totals).toMatchObject({ books: 34, faults: 0, erased: 0 })
  expect(totals.rows).toBeGreaterThan(150)
})

const posted = 'cardinality(postings) > 0'
/** The row's postings with other sides or amounts. */
const postingsAs = (fields: string) =>
  `postings = (SELECT array_agg((${fields})::posting_sides::posting ORDER BY no)
     FROM unnest(postings) WITH ORDINALITY AS p (debit, credit, amount_minor, no))`

describe('G8: a superuser changes one byte in a row, and the row is named', () => {
  const noIndexes = ['DROP INDEX transactions_resolves', 'DROP INDEX transactions_reverses']

  const wordsHash = 'coalesce(words_hash, hash)'
  // Everything the hash covers, and the hashes; each of them changes every row that it meets.
  const flips: [string, string][] = [
    ['kind', `kind = kind || 'x'`],
    ['status', `status = CASE status WHEN 'posted' THEN 'pending' ELSE 'posted' END`],
    ['author', `entered_by = '01890000-0000-7000-8000-000000000001'`],
    ['date', `occurred_on = occurred_on + 1`],
    ['amount', `amount_minor = amount_minor + 1`],
    ['balance', `balance_minor = balance_minor + 1`],
    ['answer', `resolves = CASE WHEN resolves IS NULL THEN seq - 1 END`],
    ['reversal', `reverses = CASE WHEN reverses IS NULL THEN seq - 1 END`],
    ['bundle', `bundle = '01890000-0000-7000-8000-000000000002'`],
    ['words', `words_hash = set_bit(${wordsHash}, 0, 1 - get_bit(${wordsHash}, 0))`],
    ['hash before', `prev_hash = set_bit(prev_hash, 9, 1 - get_bit(prev_hash, 9))`],
    ['hash', `hash = set_bit(hash, 255, 1 - get_bit(hash, 255))`],
    ['instant', `at = at + interval '1 millisecond'`],
    ['instant by less than is hashed', `at = at + interval '1 microsecond'`],
  ]

  test.each(flips)('%s', async (_, change) => {
    const which = 'seq % 3 = 2'
    const { rows } = await scene.admin.query<{ place: string }>(
      `SELECT book_id || ':' || seq AS place FROM transactions WHERE ${which}`,
    )
    expect(rows.length).toBeGreaterThan(60)
    const sql = [...noIndexes, `UPDATE transactions SET ${change} WHERE ${which}`]
    const named = placesOf((await checkAfter(scene, sql)).faults)
    expect(rows.filter(({ place }) => !named.has(place))).toEqual([])
  })

  const others: [string, string, string, string][] = [
    ['posting', 'transactions', postingsAs('debit, credit, amount_minor + 1'), posted],
    ['side of a posting', 'transactions', postingsAs('credit, debit, amount_minor'), posted],
    ['lost posting', 'transactions', "postings = '{}'", posted],
    ['word', 'transaction_words', `note = note || '.'`, 'note IS NOT NULL'],
    ['reason', 'transaction_words', `reason = 'never paid'`, 'reason IS NOT NULL'],
    ['suggestion', 'transaction_words', 'suggested_minor = 1', 'suggested_minor IS NOT NULL'],
    ['salt', 'transaction_words', 'salt = set_bit(salt, 0, 1 - get_bit(salt, 0))', 'true'],
  ]

  test.each(others)('%s', async (_, table, change, which) => {
    const { rows } = await scene.admin.query<{ place: string }>(
      `SELECT DISTINCT book_id || ':' || seq AS place FROM ${table} WHERE ${which}`,
    )
    expect(rows.length).toBeGreaterThan(0)
    const { faults } = await checkAfter(scene, [`UPDATE ${table} SET ${change} WHERE ${which}`])
    const named = placesOf(faults)
    expect(rows.filter(({ place }) => !named.has(place))).toEqual([])
  })

  test('a changed row does not accuse the others', async () => {
    const changed = async (change: string) => {
      const sql = [`UPDATE ${change} WHERE book_id = '${debtId}' AND seq = 3`]
      return (await checkAfter(scene, sql)).faults
    }
    expect(await changed('transactions SET amount_minor = 501')).toEqual([
      { book: debtId, seq: 3, what: 'its content is not what was hashed' },
    ])
    const named = new Set([`${debtId}:3`])
    expect(placesOf(await changed('transactions SET balance_minor = 1'))).toEqual(named)
    expect(placesOf(await changed(`transactions SET ${postingsAs('debit, credit, 501')}`))).toEqual(
      named,
    )
  })
})

describe('what belongs together', () => {
  const only = () => `WHERE book_id = '${debtId}'`
  const cut = (which: string) =>
    ['transactions', 'transaction_words'].map(
      (table) => `DELETE FROM ${table} ${only()} AND ${which}`,
    )
  const book = (change: string) => [`UPDATE books SET ${change} ${only()}`]

  // The fault, and the row it must name; none where the book is meant.
  const cases: [string, () => string[], RegExp, number?][] = [
    ['a cut tail', () => cut('seq > 7'), /tail is cut: it says 10 rows, the last one there is 7/],
    ['a missing row', () => cut('seq = 4'), /row 4 before it is missing/, 5],
    ['a missing beginning', () => cut('seq <= 2'), /rows 1 to 2 before it are missing/, 3],
    ['a book without rows', () => cut('true'), /tail is cut/],
    ['a lost book', () => [`DELETE FROM books ${only()}`], /is a row of no book/, 1],
    [
      'a lost posting',
      () => [`UPDATE transactions SET postings = '{}' ${only()} AND seq = 3`],
      /says balance 3500, its postings make it 4000/,
      3,
    ],
    [
      'a balance that is not the sum',
      () => book('posted_minor[1] = posted_minor[1] + 1'),
      /account 1 says 4401, its postings sum to 4400/,
    ],
    [
      'money from nowhere',
      () => book('posted_minor[1] = posted_minor[1] + 1'),
      /its accounts sum to 1, not to zero/,
    ],
    [
      'a waiting amount that nobody entered',
      () => book('pending_in_minor[1] = pending_in_minor[1] + 1'),
      /waiting amounts/,
    ],
    [
      'a wrong count of what waits',
      () => book('pending_count = 9'),
      /it says 9 entries wait, there are 1/,
    ],
    ['a short head', () => book('last_seq = 9'), /it says 9 rows, there are 10/],
    [
      'a head that points elsewhere',
      () => book(`last_hash = decode(repeat('ab', 32), 'hex')`),
      /its last hash is not that of its last row/,
    ],
    ['another currency', () => book(`currency = 'USD'`), /content/, 1],
    [
      'two answers to one entry',
      () => [
        'DROP INDEX transactions_resolves',
        `UPDATE transactions SET resolves = 4 ${only()} AND seq = 10`,
      ],
      /answers row 4 once more/,
      10,
    ],
    [
      'two reversals of one entry',
      () => [
        'DROP INDEX transactions_reverses',
        `UPDATE transactions SET reverses = 3 ${only()} AND seq IN (5, 7)`,
      ],
      /undoes row 3 once more/,
      7,
    ],
  ]

  test.each(cases)('%s is found', async (_, sql, what, seq) => {
    const { faults } = await checkAfter(scene, sql())
    expect(faults).toContainEqual({ book: debtId, seq, what: expect.stringMatching(what) })
  })

  test('a bundle that does not list its row is found, and one that lists none', async () => {
    const whatOf = async (sql: string) =>
      (await checkAfter(scene, [sql])).faults.map(({ what }) => what)
    expect(await whatOf('DELETE FROM bundles')).toContain('its bundle does not list it')
    expect(await whatOf(`INSERT INTO bundles VALUES (gen_random_uuid(), '${debtId}', 3)`)).toEqual([
      'is listed in a bundle, but has no row',
    ])
  })

  test('erased words are no fault: the chain holds with their hash', async () => {
    const { faults, totals } = await checkAfter(scene, ['DELETE FROM transaction_words'])
    expect(faults).toEqual([])
    expect(totals.erased).toBeGreaterThan(100)
  })

  test('words under a row that was written without them are found', async () => {
    const at = `'${debtId}', 2, decode(repeat('00', 16), 'hex'), 'I promise'`
    const { faults } = await checkAfter(scene, [`INSERT INTO transaction_words VALUES (${at})`])
    expect(faults).toEqual([
      { book: debtId, seq: 2, what: 'has words that the chain does not cover' },
    ])
  })
})

import { expect, test } from 'vitest'
import { canonicalForm, genesisHash, hashWords, type Row, sealRow } from './journal.ts'

const row: Omit<Row, 'hash'> = {
  bookId: '01890000-0000-8000-8000-000000000001',
  seq: 1,
  kind: 'advance',
  status: 'posted',
  enteredBy: '01890000-0000-7000-8000-00000000000a',
  occurredOn: '2026-11-20',
  amountMinor: 4000n,
  currency: 'EUR',
  balanceMinor: 4000n,
  resolves: undefined,
  reverses: undefined,
  bundle: undefined,
  key: 'never part of the chain',
  requestHash: '00'.repeat(32),
  wordsHash: '07'.repeat(32),
  postings: [{ debit: 1, credit: 2, amountMinor: 4000n }],
  prevHash: genesisHash,
  at: '2026-11-20T12:00:00.000Z',
}

test('the canonical form is the documented one, line by line', () => {
  expect(canonicalForm(row).split('\n')).toEqual([
    'quits.journal.v1',
    '01890000-0000-8000-8000-000000000001',
    '1',
    'advance',
    'posted',
    '01890000-0000-7000-8000-00000000000a',
    '2026-11-20',
    '4000',
    'EUR',
    '4000',
    '',
    '',
    '',
    '07'.repeat(32),
    '2026-11-20T12:00:00.000Z',
    '1>2:4000',
  ])
})

test('the hash is the same for ever: a known row has a known hash', () => {
  expect(sealRow(row).hash).toMatchInlineSnapshot(
    `"39d80ac79c38bfe1792c078776117fd11f136d3ec0979277f44d640c3212d077"`,
  )
})

test('every field under the hash changes it, and so does the row before', () => {
  const sealed = sealRow(row).hash
  const changes: Partial<Row>[] = [
    { bookId: '01890000-0000-8000-8000-000000000002' },
    { seq: 2 },
    { kind: 'repayment' },
    { status: 'pending' },
    { enteredBy: '01890000-0000-7000-8000-00000000000b' },
    { occurredOn: '2026-11-21' },
    { amountMinor: 4001n },
    { currency: 'USD' },
    { balanceMinor: 4001n },
    { resolves: 1 },
    { reverses: 1 },
    { bundle: '01890000-0000-7000-8000-00000000000c' },
    { wordsHash: '08'.repeat(32) },
    { at: '2026-11-20T12:00:00.001Z' },
    { postings: [{ debit: 2, credit: 1, amountMinor: 4000n }] },
    { prevHash: '01'.repeat(32) },
  ]
  const unchanged = changes.filter((change) => sealRow({ ...row, ...change }).hash === sealed)
  expect(unchanged).toEqual([])
  expect(sealRow({ ...row, key: 'another' }).hash).toBe(sealed)
})

test('words are covered with their salt: equal words of two rows have different hashes', () => {
  const words = { note: 'groceries', reason: undefined, suggestedMinor: undefined }
  const one = hashWords({ ...words, salt: '01'.repeat(16) })
  expect(hashWords({ ...words, salt: '02'.repeat(16) })).not.toBe(one)
  const moved = { note: undefined, reason: 'groceries', suggestedMinor: undefined }
  expect(hashWords({ ...moved, salt: '01'.repeat(16) })).not.toBe(one)
})

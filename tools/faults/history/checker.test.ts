import { expect, test } from 'vitest'
import { anomaliesOf, type History } from './checker.ts'

const rows = [
  { seq: 1, amountMinor: 100n, balanceMinor: 100n },
  { seq: 2, amountMinor: 5n, balanceMinor: 105n },
  { seq: 3, amountMinor: 7n, balanceMinor: 112n },
]
const good: History = {
  rows,
  writes: rows.slice(1),
  reads: [
    { reader: 0, lastSeq: 1, balanceMinor: 100n, knownSeq: 1 },
    { reader: 0, lastSeq: 3, balanceMinor: 112n, knownSeq: 2 },
    { reader: 1, lastSeq: 2, balanceMinor: 105n, knownSeq: 1 },
  ],
}
const read = { reader: 0, lastSeq: 2, balanceMinor: 105n, knownSeq: 1 }

test('views of some moment are fine', () => {
  expect(anomaliesOf(good)).toEqual([])
})

const twins: [string, Partial<History>][] = [
  ['a lost update', { rows: rows.with(2, { seq: 3, amountMinor: 7n, balanceMinor: 107n }) }],
  ['a hole', { rows: [...rows, { seq: 5, amountMinor: 1n, balanceMinor: 113n }] }],
  ['an acknowledged row that is gone', { writes: [{ ...rows[1], seq: 9 } as never] }],
  ['a balance that never was', { reads: [{ ...read, balanceMinor: 106n }] }],
  ['a stale view', { reads: [{ ...read, knownSeq: 3 }] }],
  ['a step back in time', { reads: [{ ...read, lastSeq: 3, balanceMinor: 112n }, read] }],
]

test.each(twins)('twin: %s is named', (_, broken) => {
  expect(anomaliesOf({ ...good, ...broken })).not.toEqual([])
})

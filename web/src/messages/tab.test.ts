import { expect, it } from 'vitest'
import type { TabEntry } from '../api/shapes.ts'
import { eur } from '../testing/debt.ts'
import { lastDayIn, tabLinesOf } from './tab.ts'

const lent: TabEntry = {
  debtId: 'd1',
  seq: 1,
  kind: 'advance',
  status: 'posted',
  amount: eur('4000'),
  balance: eur('4000'),
  enteredBy: 'u-ana',
  occurredOn: '2026-05-03',
  at: '2026-05-03T10:00:00Z',
  role: 'lender',
  description: 'groceries',
}
const borrowed: TabEntry = { ...lent, debtId: 'd2', role: 'borrower', description: 'rent' }

it('tells each line from the side of its reader', () => {
  const paid: TabEntry = { ...borrowed, seq: 3, kind: 'repayment' }
  const yes: TabEntry = { ...borrowed, seq: 2, kind: 'accepted', resolves: 1 }
  const repaid: TabEntry = { ...lent, seq: 2, kind: 'repayment' }
  const lines = tabLinesOf([repaid, paid, yes, borrowed, lent], 'Bo')
  expect(lines.map(({ sentence, side }) => [sentence, side])).toEqual([
    ['Bo paid back', 'borrower'],
    ['You paid back', 'lender'],
    ['You borrowed', 'borrower'],
    ['You lent', 'lender'],
  ])
})

it('folds a correction of one debt, with lines of another between its rows', () => {
  const undoing: TabEntry = { ...lent, seq: 2, kind: 'reversal', reverses: 1, bundle: 'b1' }
  const right: TabEntry = { ...lent, seq: 3, amount: eur('400'), bundle: 'b1' }
  const lines = tabLinesOf([right, borrowed, undoing, { ...lent, status: 'reversed' }], 'Bo')
  expect(lines.map(({ entry }) => [entry.debtId, entry.seq])).toEqual([
    ['d1', 3],
    ['d2', 1],
    ['d1', 1],
  ])
})

it('knows the last day on which something counted, each currency by itself', () => {
  const yes: TabEntry = { ...lent, seq: 4, kind: 'accepted', resolves: 1, occurredOn: '2026-05-09' }
  const waits: TabEntry = { ...lent, seq: 5, status: 'pending', occurredOn: '2026-05-10' }
  expect(lastDayIn([waits, yes, lent], 'EUR')).toBe('2026-05-03')
  expect(lastDayIn([lent], 'JPY')).toBeUndefined()
})

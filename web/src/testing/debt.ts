/** A debt for unit tests: Bo owes the reader 40.00 EUR for groceries, unless said otherwise. */
import type { Debt } from '../api/shapes.ts'

export const eur = (minor: string) => ({ minor, currency: 'EUR' })

export const debtWith = (over: Partial<Debt> = {}): Debt => ({
  id: 'd1',
  role: 'lender',
  counterparty: { name: 'Bo', userId: 'u-bo' },
  status: 'open',
  oneSided: false,
  archived: false,
  balance: eur('4000'),
  pending: { in: eur('0'), out: eur('0') },
  category: null,
  description: 'groceries',
  dueOn: null,
  createdAt: '2026-05-03T10:00:00Z',
  version: 1,
  ...over,
})

import { expect, it } from 'vitest'
import type { ShownDebt } from '../api/shapes.ts'
import { sayShown } from './invitation.ts'

const eur = (minor: string) => ({ minor, currency: 'EUR' })

const shown: ShownDebt = {
  inviter: { name: 'Ana' },
  seat: { role: 'borrower', name: 'Bo' },
  status: 'open',
  balance: eur('4000'),
  pending: { in: eur('0'), out: eur('0') },
  description: 'groceries',
  dueOn: null,
  seq: 1,
  hash: '',
  items: [],
  next: null,
}

it('says who owes whom, by the side that is offered', () => {
  expect(sayShown(shown)).toBe('Ana noted that you owe them €40.00.')
  expect(sayShown({ ...shown, seat: { role: 'lender', name: 'Bo' } })).toBe(
    'Ana noted that they owe you €40.00.',
  )
})

it('shows what a debt would be while nobody confirmed it, and says when it is paid', () => {
  const proposed = { ...shown, status: 'proposed' as const, balance: eur('0') }
  expect(sayShown({ ...proposed, pending: { in: eur('900'), out: eur('0') } })).toBe(
    'Ana noted that you owe them €9.00.',
  )
  expect(sayShown({ ...shown, status: 'settled', balance: eur('0') })).toBe(
    'Ana noted something that is paid by now.',
  )
})

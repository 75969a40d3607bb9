import { expect, it } from 'vitest'
import type { Debt } from './api/shapes.ts'
import { asksReader, byAge, hasWaitingEntries, shownAmount, standingOf } from './standing.ts'
import { debtWith, eur } from './testing/debt.ts'

const debt = (over: Partial<Debt>) => debtWith({ id: crypto.randomUUID(), ...over })

const summary = { currency: 'EUR', owed: '9000', owing: '1200', pendingIn: '0', pendingOut: '0' }

it('counts people, not debts, and keeps the two directions apart', () => {
  const debts = [
    debt({}),
    debt({ balance: eur('1000') }),
    debt({ counterparty: { name: 'Cleo' }, oneSided: true }),
    debt({ counterparty: { name: 'Dee' }, balance: eur('0'), status: 'settled' }),
    debt({ role: 'borrower', counterparty: { name: 'Eve' }, balance: eur('1200') }),
  ]
  const { owed, owing } = standingOf([summary], debts, true)
  expect(owed).toMatchObject([{ total: eur('9000'), people: 2 }])
  expect(owing).toMatchObject([{ total: eur('1200'), people: 1 }])
})

it('counts nobody while a part of the list is missing', () => {
  expect(standingOf([summary], [debt({})], false).owed[0]?.people).toBeUndefined()
})

it('never adds currencies up and leaves out sides at zero', () => {
  const yen = { currency: 'JPY', owed: '1200', owing: '0', pendingIn: '0', pendingOut: '0' }
  const { owed, owing } = standingOf([summary, yen], [], true)
  expect(owed.map(({ total }) => total)).toEqual([eur('9000'), { minor: '1200', currency: 'JPY' }])
  expect(owing).toHaveLength(1)
})

it('knows what waits for whom', () => {
  const proposed = {
    status: 'proposed',
    balance: eur('0'),
    pending: { in: eur('4000'), out: eur('0') },
  } as const
  expect(asksReader(debt({ ...proposed, role: 'borrower' }))).toBe(true)
  expect(asksReader(debt(proposed))).toBe(false)
  expect(shownAmount(debt(proposed))).toEqual(eur('4000'))
  expect(hasWaitingEntries(debt(proposed))).toBe(false)
  expect(hasWaitingEntries(debt({ pending: { in: eur('0'), out: eur('500') } }))).toBe(true)
})

it('puts the newest debts first', () => {
  const old = debt({ createdAt: '2026-01-01T00:00:00Z' })
  const young = debt({ createdAt: '2026-02-01T00:00:00Z' })
  expect([old, young].toSorted(byAge)).toEqual([young, old])
})

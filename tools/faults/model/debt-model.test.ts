import { expect, test } from 'vitest'
import { makeDebtModel } from './debt-model.ts'

const opening = { role: 'lender', oneSided: false, amountMinor: 4_000n } as const

test('a debt of the lender counts once the borrower agrees', () => {
  const debt = makeDebtModel(opening)
  expect(debt.enter('owner', 'repayment', 1n)).toMatchObject({ code: 'debt_not_open' })
  expect(debt.answerDebt('owner', 'accept')).toMatchObject({ status: 403 })
  expect(debt.answerDebt('stranger', 'accept')).toMatchObject({ status: 404 })
  expect([debt.answerDebt('other', 'accept').status, debt.balanceMinor()]).toEqual([200, 4_000n])
})

test('what worsens the other one’s position waits for them', () => {
  const debt = makeDebtModel(opening)
  debt.answerDebt('other', 'accept')
  debt.enter('owner', 'advance', 10n)
  debt.enter('other', 'repayment', 5n)
  expect([debt.balanceMinor(), debt.pending()]).toEqual([4_000n, { in: 10n, out: 5n }])
  debt.answerEntry('owner', 'accept', 4)
  expect(debt.balanceMinor()).toBe(3_995n)
})

test('at zero it is settled, and a lender who declines undoes what the borrower wrote', () => {
  const debt = makeDebtModel({ ...opening, role: 'borrower' })
  debt.enter('owner', 'advance', 50n)
  debt.answerDebt('other', 'decline')
  expect([debt.status(), debt.balanceMinor(), debt.rows()]).toEqual(['declined', 0n, 5])
})

test('an entry is undone once, by whom it costs something, and an undoing never', () => {
  const debt = makeDebtModel({ ...opening, oneSided: true })
  debt.enter('owner', 'repayment', 500n)
  expect([debt.reverse('owner', 2).status, debt.balanceMinor()]).toEqual([201, 4_000n])
  expect(debt.reverse('owner', 2)).toMatchObject({ code: 'already_reversed' })
  expect(debt.reverse('owner', 3)).toMatchObject({ code: 'not_reversible' })
})

test('twin: the bent model repays more than is owed', () => {
  const repay = (bent: boolean) =>
    makeDebtModel({ ...opening, oneSided: true }, bent).enter('owner', 'repayment', 4_001n).status
  expect([repay(false), repay(true)]).toEqual([422, 201])
})

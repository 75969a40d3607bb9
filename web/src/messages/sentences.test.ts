import type { Notification } from '@quits/proto/feed'
import { expect, it } from 'vitest'
import type { Debt, Entry } from '../api/shapes.ts'
import {
  asksMe,
  balanceAfter,
  choicesOf,
  sayDebtQuestion,
  sayEntry,
  sayQuestion,
} from './entries.ts'
import { sayGroup, sayNews } from './news.ts'
import { debtWith, eur } from '../testing/debt.ts'

const debt = debtWith()

const entry: Entry = {
  debtId: 'd1',
  seq: 2,
  kind: 'repayment',
  status: 'posted',
  amount: eur('1000'),
  balance: eur('3000'),
  enteredBy: 'u-bo',
  occurredOn: '2026-05-03',
  at: '2026-05-03T10:00:00Z',
}

const news = (over: {
  kind: string
  actor: string | null
  data?: Partial<Notification['data']>
}): Notification => ({
  seq: 1,
  id: 'd1:2',
  weight: 'alert',
  at: '2026-05-03T10:00:00Z',
  subject: { type: 'debt', id: 'd1' },
  kind: over.kind,
  actor: over.actor,
  data: { role: 'borrower', balance: eur('4000'), amount: eur('4000'), ...over.data },
})

it('asks the one who would owe, by name and with the reason', () => {
  const proposed: Debt = {
    ...debt,
    role: 'borrower',
    status: 'proposed',
    counterparty: { name: 'Ana' },
    pending: { in: eur('4000'), out: eur('0') },
  }
  expect(sayDebtQuestion(proposed)).toBe('Ana noted that you owe them €40.00 for groceries.')
})

it('says each entry from where its reader stands', () => {
  expect(sayEntry(entry, debt, 'u-ana')).toBe('Bo paid back')
  expect(sayEntry(entry, { ...debt, role: 'borrower' }, 'u-bo')).toBe('You paid back')
  expect(sayEntry({ ...entry, seq: 1, kind: 'advance' }, debt, 'u-ana')).toBe('You lent')
  expect(sayEntry({ ...entry, kind: 'accepted' }, debt, 'u-ana')).toBe('Bo confirmed €10.00')
  expect(sayEntry({ ...entry, kind: 'accepted' }, debt, 'u-bo')).toBe('You confirmed €10.00')
  expect(sayEntry({ ...entry, kind: 'interest' }, debt, 'u-ana')).toBe('Entry')
})

it('takes the balance of a row that waited from the row that accepted it', () => {
  const waited: Entry = { ...entry, seq: 3, balance: eur('4000') }
  const accepted: Entry = { ...entry, seq: 4, kind: 'accepted', resolves: 3, balance: eur('3000') }
  expect(balanceAfter(waited, [accepted, waited])).toEqual(eur('3000'))
  expect(balanceAfter(entry, [accepted, waited, entry])).toEqual(entry.balance)
})

it('asks only about what the other one entered and what waits', () => {
  const waiting: Entry = { ...entry, status: 'pending' }
  expect(asksMe(waiting, 'u-ana')).toBe(true)
  expect(asksMe(waiting, 'u-bo')).toBe(false)
  expect(asksMe(entry, 'u-ana')).toBe(false)
  expect(sayQuestion(waiting, debt)).toBe('Bo noted that they paid you back €10.00.')
})

it('offers each role what it may add, and says what needs a yes', () => {
  const offered = (over: Partial<Debt>) =>
    choicesOf({ ...debt, ...over }).map(({ label, waits }) => `${label}${waits ? ' (asks)' : ''}`)
  expect(offered({})).toEqual(['Bo paid back', 'You lent more (asks)', 'Let it go'])
  expect(offered({ role: 'borrower' })).toEqual(['You paid back (asks)', 'You borrowed more'])
  expect(offered({ status: 'settled' })).toEqual(['You lent more (asks)'])
  expect(offered({ oneSided: true })).toEqual(['Bo paid back', 'You lent more', 'Let it go'])
})

it('tells the news from where its reader stands', () => {
  expect(sayNews(news({ kind: 'debt.proposed', actor: 'u-ana' }), 'Ana', 'u-bo')).toBe(
    'Ana noted that you owe them €40.00. Is that right?',
  )
  const paid = { kind: 'repayment', seq: 3, amount: eur('1000') }
  const asked = news({ kind: 'transaction.proposed', actor: 'u-bo', data: paid })
  expect(sayNews({ ...asked, data: { ...asked.data, role: 'lender' } }, 'Bo', 'u-ana')).toBe(
    'Bo paid you back €10.00. Is that right?',
  )
  expect(sayNews(asked, 'Ana', 'u-bo')).toBe(
    'You paid Ana back €10.00. Ana will be asked to confirm.',
  )
})

it('names the other one even while their account is concealed', () => {
  expect(
    sayNews(
      news({ kind: 'debt.declined', actor: null, data: { role: 'lender' } }),
      'bo@example.test',
      'u-ana',
    ),
  ).toBe('bo@example.test said that is not quite right.')
})

it('says of an entry that it puts another one right', () => {
  const right = { kind: 'advance', amount: eur('4000'), replaces: 3 }
  const asked = news({ kind: 'transaction.proposed', actor: 'u-bo', data: right })
  expect(sayNews(asked, 'Bo', 'u-ana')).toBe('Bo put an entry right: €40.00. Is that right?')
  expect(sayNews({ ...asked, kind: 'transaction.posted' }, 'Ana', 'u-bo')).toBe(
    'You put an entry with Ana right: €40.00.',
  )
})

it('names nobody who said no to an invitation', () => {
  const no = news({ kind: 'invitation.declined', actor: null, data: { role: 'lender' } })
  const twice = { newest: { ...no, status: 'unseen' as const }, count: 2 }
  expect(sayGroup(twice, 'Cousin Lee', 'u-ana')).toBe(
    'Somebody said no to your invitations for Cousin Lee, 2 times.',
  )
  expect(sayNews(no, 'Cousin Lee', 'u-ana')).toBe(
    'Somebody said no to your invitation for Cousin Lee. What you noted stays as it is.',
  )
})

it('says when a payment made two people quits', () => {
  const last = news({
    kind: 'transaction.posted',
    actor: 'u-ana',
    data: { kind: 'repayment', seq: 4, amount: eur('1000'), effect: 'closed' },
  })
  expect(sayNews(last, 'Ana', 'u-bo')).toBe(
    'Ana noted that you paid back €10.00. You and Ana are quits.',
  )
})

it('has a sentence even for a kind it does not know', () => {
  expect(sayNews(news({ kind: 'debt.painted', actor: 'u-ana' }), 'Ana', 'u-bo')).toBe(
    'Something changed between you and Ana.',
  )
})

it('says several of a kind in one line', () => {
  const paid = news({ kind: 'transaction.proposed', actor: 'u-bo', data: { kind: 'repayment' } })
  const newest = { ...paid, status: 'unseen' as const }
  expect(sayGroup({ newest, count: 3 }, 'Bo', 'u-ana')).toBe('3 payments from Bo')
  expect(sayGroup({ newest, count: 3 }, 'Ana', 'u-bo')).toBe('3 payments you noted with Ana')
  const lent = { ...newest, data: { ...newest.data, kind: 'advance' } }
  expect(sayGroup({ newest: lent, count: 2 }, 'Bo', 'u-ana')).toBe('2 changes by Bo')
  const put = { ...lent, kind: 'transaction.posted' }
  const corrected = { newest: put, count: 2, together: 'correction' as const }
  expect(sayGroup(corrected, 'Bo', 'u-ana')).toBe('Bo put an entry right.')
  const asked = { ...newest, kind: 'transaction.proposed' }
  const together = { newest: asked, count: 3, together: 'payment' as const }
  expect(sayGroup(together, 'Bo', 'u-ana')).toBe(
    'Bo noted one payment over several debts. Is that right?',
  )
  expect(sayGroup(together, 'Ana', 'u-bo')).toBe(
    'You noted one payment over several debts with Ana.',
  )
})

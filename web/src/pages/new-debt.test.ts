import { expect, it } from 'vitest'
import {
  type Draft,
  hrefOfDraft,
  personNamed,
  prefilled,
  readDraft,
  sayConsequence,
  sayDraft,
} from './new-debt.ts'

const draft: Draft = {
  direction: 'lent',
  who: 'bo@example.test',
  personId: '',
  nickname: 'Bo',
  amount: '40,00',
  currency: 'EUR',
  what: 'groceries',
  occurredOn: '2026-05-03',
  due: '',
  category: '',
}
const today = '2026-05-03'

it('reads a debt from what was typed', () => {
  expect(readDraft(draft, today)).toEqual({
    debt: {
      role: 'lender',
      counterparty: { email: 'bo@example.test', name: 'Bo' },
      opening: { minor: '4000', currency: 'EUR' },
      description: 'groceries',
      occurredOn: '2026-05-03',
    },
  })
})

it('says when it is due and how to file it, when that was filled in', () => {
  expect(readDraft({ ...draft, due: '2026-06-01', category: ' home ' }, today)).toMatchObject({
    debt: { dueOn: '2026-06-01', category: 'home' },
  })
})

it('takes a name without an address as somebody only I see', () => {
  const named = { ...draft, who: ' Bo ', nickname: '' }
  expect(readDraft(named, today)).toMatchObject({ debt: { counterparty: { name: 'Bo' } } })
  expect(sayConsequence(named)).toBe('Only you see this.')
})

it('names every fault at once', () => {
  const faulty = { ...draft, who: 'bo@', amount: '40.123', what: ' ', occurredOn: '2026-05-04' }
  const read = readDraft(faulty, today)
  expect('faults' in read && Object.keys(read.faults).sort()).toEqual([
    'amount',
    'occurredOn',
    'what',
    'who',
  ])
})

it('shows the sentence it will become, in the currency of its own decimals', () => {
  expect(sayDraft(draft)).toBe('Bo owes you €40.00 for groceries.')
  expect(sayDraft({ ...draft, amount: '1,200', currency: 'JPY' })).toBe(
    'Bo owes you ¥1,200 for groceries.',
  )
  expect(sayDraft({ ...draft, direction: 'borrowed', amount: '1.25', currency: 'KWD' })).toBe(
    'You owe Bo KWD\u00a01.250 for groceries.',
  )
  expect(sayDraft({ ...draft, amount: '' })).toBeUndefined()
})

it('knows people by the name they have here, and only when one alone has it', () => {
  const people = [
    { id: 'u-bo', name: 'Bo' },
    { id: 'u-ana', name: 'Ana' },
    { id: 'u-other', name: 'ana' },
  ]
  expect(personNamed(people, ' bo ')?.id).toBe('u-bo')
  expect(personNamed(people, 'Ana')).toBeUndefined()
  expect(personNamed(people, 'Cleo')).toBeUndefined()
  const known = { ...draft, who: 'Bo', nickname: '', personId: 'u-bo' }
  expect(readDraft(known, today)).toMatchObject({ debt: { counterparty: { userId: 'u-bo' } } })
  expect(sayConsequence(known)).toBe(
    'Bo will be asked to confirm. Until then it counts for nobody else.',
  )
})

it('begins with what a link says, and not with what makes no sense', () => {
  const link = { with: 'u-bo', direction: 'borrowed', amount: '1250', currency: 'KWD', what: 'tea' }
  const href = hrefOfDraft({ ...link, direction: 'borrowed' })
  expect(prefilled(draft, href.slice(href.indexOf('?')))).toMatchObject({
    personId: 'u-bo',
    direction: 'borrowed',
    amount: '1.250',
    currency: 'KWD',
    what: 'tea',
  })
  expect(prefilled(draft, '?amount=-1&currency=XXX&direction=up')).toEqual(draft)
})

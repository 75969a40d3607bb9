import { expect, it } from 'vitest'
import type { Person } from '../api/shapes.ts'
import { standingsOf } from './between.ts'

const zero = { pendingIn: '0', pendingOut: '0' }
const ana: Person = {
  id: 'u-ana',
  name: 'Ana',
  balances: [
    { currency: 'EUR', owed: '1250', owing: '4000', net: '-2750', ...zero },
    { currency: 'JPY', owed: '1200', owing: '0', net: '1200', ...zero },
    { currency: 'KWD', owed: '0', owing: '0', net: '0', ...zero },
  ],
  consent: { mode: 'ask' },
  consentOffered: false,
  blocked: false,
}

it('says how two people stand, each currency by itself', () => {
  expect(standingsOf(ana).map(({ sentence, who }) => [who, sentence])).toEqual([
    ['me', 'You owe Ana €27.50.'],
    ['them', 'Ana owes you ¥1,200.'],
    ['nobody', 'You and Ana are quits.'],
  ])
})

it('says what a net is made of only where both owe', () => {
  expect(standingsOf(ana).map(({ parts }) => parts)).toEqual([
    'Ana owes you €12.50, you owe Ana €40.00.',
    undefined,
    undefined,
  ])
})

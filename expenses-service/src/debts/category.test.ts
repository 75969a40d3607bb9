import { expect, test } from 'vitest'
import { guessCategory } from './category.ts'

test.each([
  ['Groceries for the week', 'groceries'],
  ['pizza, two beers less', 'food'],
  ['Dinner at the cafe', 'food'],
  ['RENT March', 'rent'],
  ['flights to Oslo', 'travel'],
  ['Taxi home', 'transport'],
  ['concert tickets', 'entertainment'],
  ['birthday present for Bo', 'gifts'],
  ['café', 'food'],
])('%s is about %s', (words, category) => {
  expect(guessCategory(words)).toBe(category)
})

test('words that speak of nothing known have no category', () => {
  for (const words of ['x', '42', 'für Oma', '', 'stuff & things']) {
    expect(guessCategory(words)).toBeUndefined()
  }
})

test('a word inside another one is not that word: parents pay no rent', () => {
  expect(guessCategory('parents')).toBeUndefined()
  expect(guessCategory('current')).toBeUndefined()
  expect(guessCategory('card')).toBeUndefined()
})

test('the guess is a name that a request could give', () => {
  for (const words of ['rent', 'pizza', 'taxi']) expect(guessCategory(words)).toMatch(/^[a-z]+$/)
})

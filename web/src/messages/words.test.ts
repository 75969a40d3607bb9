import { expect, it } from 'vitest'
import { changeOf, sayMeanwhile, wordsOf } from './words.ts'

const read = { description: 'groceries', dueOn: '2026-05-03', category: null }

it('sends only what was changed', () => {
  const words = wordsOf(read)
  expect(changeOf(read, words)).toBeUndefined()
  expect(changeOf(read, { ...words, what: ' groceries ' })).toBeUndefined()
  expect(changeOf(read, { ...words, what: 'food' })).toEqual({ description: 'food' })
  expect(changeOf(read, { ...words, due: '' })).toEqual({ dueOn: null })
  expect(changeOf(read, { ...words, category: 'home' })).toEqual({ category: 'home' })
  const filed = { ...read, category: 'home' }
  expect(changeOf(filed, { ...wordsOf(filed), category: '' })).toEqual({ category: null })
})

it('says what somebody else changed meanwhile', () => {
  expect(sayMeanwhile(read, { ...read, description: 'dinner' })).toEqual([
    'It is now for "dinner".',
  ])
  expect(sayMeanwhile(read, { ...read, dueOn: null })).toEqual(['It is no longer due on a day.'])
  expect(sayMeanwhile(read, { ...read, dueOn: '2026-06-01' })).toEqual(['It is now due 1 June.'])
  expect(sayMeanwhile(read, read)).toEqual(['Something was added to it.'])
})

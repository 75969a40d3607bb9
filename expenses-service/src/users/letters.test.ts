import { expect, test } from 'vitest'
import { letterOf } from './letters.ts'

const asked = { name: 'Free money at evil.test', locale: 'de', passwordHash: 'hash' }
const account = { userId: 'id', name: 'Ana', locale: 'fr' }
const open = { userId: null, name: 'Ana', locale: 'fr' }

test('a new address gets a code, in the language of the sign-up, without a word of its name', () => {
  const letter = letterOf(asked, undefined)
  expect(letter).toEqual({ template: 'code', name: '', locale: 'de', signUp: asked })
})

test('an address with an account is told so, and nothing of the new sign-up stays', () => {
  const letter = letterOf(asked, account)
  expect(letter).toMatchObject({ template: 'account-exists', name: 'Ana', locale: 'fr' })
  expect(letter.signUp).toBeUndefined()
})

test('a second code for an open sign-up keeps its name and drops its password', () => {
  const letter = letterOf(undefined, open)
  expect(letter.template).toBe('code')
  expect(letter.signUp).toEqual({ name: 'Ana', locale: 'fr', passwordHash: null })
})

test('a sign-up after an open one counts by itself', () => {
  expect(letterOf(asked, open).signUp).toEqual(asked)
})

test('an account gets its code, and nobody gets none', () => {
  expect(letterOf(undefined, account)).toMatchObject({ template: 'code', name: 'Ana' })
  expect(letterOf(undefined, undefined).template).toBe('none')
})

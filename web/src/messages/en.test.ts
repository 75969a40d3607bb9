import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'oxc-parser'
import { expect, it } from 'vitest'
import { en } from './en.ts'
import { choose, fill } from './say.ts'

/** The words of code and documents (identity.md, left column): never on the screen. */
const wordsOfTheCode = [
  'lender',
  'borrower',
  'advance',
  'repayment',
  'forgiveness',
  'reversal',
  'pending',
  'one-sided',
  'settled',
  'archive',
  'archived',
  'proof',
  'feed',
  'session',
]

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsOf)
  return []
}

const faultsIn = (texts: string[]) =>
  texts.filter((text) =>
    wordsOfTheCode.some((word) => new RegExp(`\\b${word}s?\\b`, 'i').test(text)),
  )

it('speaks to people without the words of the code', () => {
  expect(faultsIn(textsOf(en))).toEqual([])
})

it('would notice such a word', () => {
  expect(faultsIn(['Two repayments are pending', 'You paid back'])).toEqual([
    'Two repayments are pending',
  ])
})

it('raises no voice', () => {
  expect(textsOf(en).filter((text) => text.includes('!'))).toEqual([])
})

it('chooses the form by the count and fills in the names', () => {
  expect(fill(choose(en.home.owedByMany, 4), { amount: '€182.40', count: '4' })).toBe(
    "You're owed €182.40 by 4 people.",
  )
})

/** Refusals before anybody is signed in: there is no money that anything could happen to. */
const ofSigningIn = new Set([
  'wrong_credentials',
  'wrong_code',
  'account_not_activated',
  'signup_closed',
  'too_many_attempts',
])

/** Codes that the ledger can answer and the screen has no sentence for. */
const unsaid = (page: string, said: Readonly<Record<string, string>>): string[] =>
  [...page.matchAll(/^\| `(\w+)` \|/gm)].flatMap(([, code = '']) => (code in said ? [] : [code]))

/** Sentences that do not say first what happened to what was to be saved. */
const lateAboutMoney = (said: Readonly<Record<string, string>>): string[] =>
  Object.entries(said)
    .filter(
      ([code, text]) =>
        !ofSigningIn.has(code) &&
        !/^(Nothing|Quits did not answer\.|No answer came|Something broke)/.test(text),
    )
    .map(([code]) => code)

it('has a sentence for every refusal, which says first what happened to the money', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  expect(unsaid(page, en.errors)).toEqual([])
  expect(lateAboutMoney(en.errors)).toEqual([])
})

it('would notice a refusal without a sentence, and a sentence that begins with something else', () => {
  expect(unsaid('| `overpayment` | 422 |\n| `new_one` | 422 |', en.errors)).toEqual(['new_one'])
  expect(lateAboutMoney({ overpayment: 'That is too much.' })).toEqual(['overpayment'])
})

/** Texts that a component says by itself instead of asking the catalogue. */
const strayTexts = (name: string, source: string): string[] => {
  const found: string[] = []
  const spoken = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'hint'])
  new Visitor({
    JSXText(node) {
      if (/\p{L}/u.test(node.value)) found.push(node.value.trim())
    },
    JSXAttribute(node) {
      const attribute = node.name.type === 'JSXIdentifier' ? node.name.name : ''
      if (!spoken.has(attribute) || node.value?.type !== 'Literal') return
      const { value } = node.value
      if (typeof value === 'string' && /\p{L}/u.test(value)) found.push(value)
    },
  }).visit(parseSync(name, source).program)
  return found
}

it('keeps every text of the screen in the catalogue', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const components = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.tsx'),
  )
  expect(components.length).toBeGreaterThan(0)
  const stray = components.flatMap((path) =>
    strayTexts(path, readFileSync(join(root, path), 'utf8')),
  )
  expect(stray).toEqual([])
})

it('would notice a text outside the catalogue', () => {
  expect(strayTexts('x.tsx', '<p aria-label="Close">Hello {name}</p>')).toEqual(['Close', 'Hello'])
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { limits } from './limits.ts'

/** What the ledger says of itself: the table of its limits, as `what → limit`. */
const stated = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)].map(([, what, limit]) => [
      what ?? '',
      limit ?? '',
    ]),
  )

const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')

const differing = (text: string): string[] => {
  const told: [what: string, limit: string][] = [
    ['a name you give somebody', `${limits.nameLengthMax} characters`],
    ['a description', `${limits.descriptionLengthMax} characters`],
    ['a note or a reason', `${limits.noteLengthMax} characters`],
    ['a category', `${limits.categoryLengthMax} characters`],
    ['open invitations to one debt', String(limits.openLinksMax)],
    ['how long an invitation works', `${limits.linkDays} days`],
    ['a date', `${limits.earliestOn} or later; entries: tomorrow at most`],
  ]
  const known = stated(text)
  return told.filter(([what, limit]) => known.get(what) !== limit).map(([what]) => what)
}

it('tells the limits that the ledger has', () => {
  expect(differing(page)).toEqual([])
})

it('would notice that the ledger has another one', () => {
  expect(differing(page.replace('200 characters', '150 characters'))).toEqual(['a description'])
})

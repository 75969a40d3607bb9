import { expect, test } from 'vitest'
import { makeStory } from './story.ts'
import { castLines, sightLines } from './tour.ts'

const story = makeStory(1)

test('the tour names everybody with their address and who has something to answer', () => {
  const lines = castLines(story)
  expect(lines).toHaveLength(8)
  for (const [index, { name, email }] of story.people.entries()) {
    expect(lines[index]).toContain(`${name} `)
    expect(lines[index]).toContain(email)
  }
  expect(lines.some((line) => line.includes('waiting for an answer'))).toBe(true)
})

test('the tour shows one debt of each ending, lender first', () => {
  const lines = sightLines(story)
  expect(lines).toHaveLength(new Set(story.debts.map(({ ending }) => ending)).size)
  expect(lines.join('\n')).toContain('Flat in Rue Mercière (Ana lent Bo)')
})

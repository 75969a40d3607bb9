import { expect, it, test } from 'vitest'
import { makeEvent } from '../test/events.ts'
import type { Mute } from '@quits/proto/feed'
import { asWanted, distinct, draftsFor } from './muting.ts'
import { notificationsOf } from './notifications.ts'

const people = {
  lender: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001',
  borrower: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002',
}
const event = makeEvent(people)
const draftOf = (userId: string) => {
  const draft = notificationsOf(event).find((each) => each.userId === userId)
  if (draft === undefined) throw new Error('no draft')
  return draft
}

const muting = (...mutes: Mute[]) => ({ mutes, isErased: false })

it.each([
  ['person', people.lender],
  ['debt', event.data.bookId],
  ['kind', 'transaction.posted'],
] as const)('a muted %s neither rings nor counts, and keeps everything else', (type, id) => {
  const draft = draftOf(people.borrower)
  const content = { ...draft.content, weight: 'silent', muted: true }
  expect(asWanted(draft, muting({ type, id }))).toEqual([{ ...draft, status: 'read', content }])
})

it.each([
  ['person', people.borrower],
  ['debt', people.lender],
  ['kind', 'transaction.proposed'],
] as const)('another %s that is muted changes nothing', (type, id) => {
  const draft = draftOf(people.borrower)
  expect(asWanted(draft, muting({ type, id }))).toEqual([draft])
})

test('what is silent already is not called muted', () => {
  const own = draftOf(people.lender)
  expect(asWanted(own, muting({ type: 'kind', id: 'transaction.posted' }))).toEqual([own])
})

test('a person whose name is concealed cannot be found out by muting them', () => {
  const concealed = makeEvent(people, {
    data: {
      parties: [
        { userId: people.lender, role: 'lender', concealed: true },
        { userId: people.borrower, role: 'borrower', concealed: false },
      ],
    },
  })
  const [, draft] = notificationsOf(concealed)
  if (draft === undefined) throw new Error('no draft')
  expect(asWanted(draft, muting({ type: 'person', id: people.lender }))).toEqual([draft])
})

test('nothing is left for a person who is gone', () => {
  expect(asWanted(draftOf(people.lender), { mutes: [], isErased: true })).toEqual([])
})

test('one person gets their own side of each event, as they want it', () => {
  const mute = { type: 'kind', id: 'transaction.posted' } as const
  const drafts = draftsFor(people.borrower, [event], muting(mute))
  expect(drafts.map(({ userId, status }) => ({ userId, status }))).toEqual([
    { userId: people.borrower, status: 'read' },
  ])
})

test('a mute that is named twice is kept once', () => {
  const mute = { type: 'person', id: people.lender } as const
  expect(distinct([mute, { ...mute }, { type: 'debt', id: people.lender }])).toEqual([
    mute,
    { type: 'debt', id: people.lender },
  ])
})

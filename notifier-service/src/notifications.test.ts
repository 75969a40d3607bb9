import { readFileSync } from 'node:fs'
import { notification } from '@quits/proto/feed'
import { bookEventTypes } from '@quits/proto/books'
import { expect, it } from 'vitest'
import { makeEvent } from '../test/events.ts'
import { notificationsOf } from './notifications.ts'

const ana = '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001'
const bo = '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002'
const people = { lender: ana, borrower: bo }
const parties = (boConcealed: boolean) => [
  { userId: ana, role: 'lender' as const, concealed: false },
  { userId: bo, role: 'borrower' as const, concealed: boConcealed },
]

it('makes one notification for each party, each from its own side', () => {
  const [toAna, toBo] = notificationsOf(makeEvent(people))
  expect(toAna).toMatchObject({ userId: ana, content: { data: { role: 'lender' } } })
  expect(toBo).toMatchObject({ userId: bo, content: { data: { role: 'borrower' } } })
})

it('fits the frame that clients are promised, for every type of event', () => {
  for (const type of bookEventTypes) {
    for (const { content } of notificationsOf(makeEvent(people, { type }))) {
      expect(notification.parse({ ...content, seq: 1 })).toEqual({ ...content, seq: 1 })
    }
  }
})

it('rings for the other one and keeps silent for whoever acted', () => {
  const [toAna, toBo] = notificationsOf(makeEvent(people, { data: { actorId: ana } }))
  expect([toAna?.content.weight, toAna?.status]).toEqual(['silent', 'read'])
  expect([toBo?.content.weight, toBo?.status]).toEqual(['alert', 'unseen'])
})

it.each([
  ['debt.proposed.v1', 'advance', 'alert'],
  ['transaction.proposed.v1', 'repayment', 'alert'],
  ['transaction.resolved.v1', 'accepted', 'alert'],
  ['transaction.resolved.v1', 'withdrawn', 'quiet'],
  ['debt.withdrawn.v1', 'withdrawn', 'quiet'],
  ['debt.changed.v1', undefined, 'quiet'],
  ['invitation.declined.v1', undefined, 'alert'],
] as const)('%s (%s) is %s', (type, kind, weight) => {
  const event = makeEvent(people, { type, data: { actorId: ana } })
  const data = { ...event.data, ...(kind === undefined ? {} : { kind }) }
  expect(notificationsOf({ ...event, data })[1]?.content.weight).toBe(weight)
})

it('weighs each kind as the page for programs says', () => {
  const page = readFileSync(new URL('../../docs/feed.md', import.meta.url), 'utf8')
  const said = [...page.matchAll(/^\| `(\w+\.\w+)` \|.*\| `(\w+)` \|$/gm)]
  const weighed = bookEventTypes.map((type) => {
    const [toAna] = notificationsOf(makeEvent(people, { type, data: { actorId: bo } }))
    return [toAna?.content.kind, toAna?.content.weight]
  })
  expect(said.map(([, kind, weight]) => [kind, weight])).toEqual(weighed)
})

it('never rings for the second row of one act', () => {
  const weights = notificationsOf(makeEvent(people, { data: { silent: true, actorId: bo } })).map(
    ({ content }) => content.weight,
  )
  expect(weights).toEqual(['silent', 'silent'])
})

it('says nothing that tells who a concealed person is', () => {
  const event = makeEvent(people, {
    type: 'debt.declined.v1',
    data: { actorId: bo, parties: parties(true) },
  })
  const [toAna, toBo] = notificationsOf(event)
  expect(toAna?.content.actor).toBeNull()
  expect(JSON.stringify(toAna)).not.toContain(bo)
  expect(toBo?.content.actor).toBe(bo)
})

it('names the actor once they have accepted, and nobody who holds no seat', () => {
  const open = makeEvent(people, { data: { actorId: bo, parties: parties(false) } })
  expect(notificationsOf(open)[0]?.content.actor).toBe(bo)
  const stranger = '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0009'
  const odd = makeEvent(people, { data: { actorId: stranger, parties: parties(false) } })
  expect(JSON.stringify(notificationsOf(odd))).not.toContain(stranger)
})

it('passes no field on that it does not know', () => {
  const event = makeEvent(people)
  const more = { ...event, data: { ...event.data, note: 'for the flat', hash: 'xyz' } }
  expect(JSON.stringify(notificationsOf(more))).not.toMatch(/note|flat|hash|xyz/)
})

it('has nobody to tell when a book has no parties with an account', () => {
  expect(notificationsOf(makeEvent(people, { data: { parties: [] } }))).toEqual([])
})

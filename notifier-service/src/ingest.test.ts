import type { KafkaRecord, ReceivedRecord } from '@quits/kit/kafka'
import { deadLetter } from '@quits/proto/dead-letters'
import { expect, test } from 'vitest'
import { makeEvent } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { makeIngest } from './ingest.ts'
import { type Draft, notificationsOf } from './notifications.ts'

const people = {
  lender: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001',
  borrower: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002',
}

test('an event that trips our own rules is buried with the stack, and its neighbours are stored', async () => {
  const events = [1, 2, 3].map((seq) => makeEvent(people, { data: { seq } }))
  const buried: KafkaRecord[] = []
  const stored: Draft[] = []
  const ingest = makeIngest({
    draftsOf(event) {
      if (event.data.seq === 2) throw new TypeError('no such party')
      return notificationsOf(event)
    },
    append: async (drafts) => {
      stored.push(...drafts)
      return { rows: [], heads: new Map() }
    },
    preferences: { wishesOf: async () => new Map() },
    bury: async (records) => void buried.push(...records),
    hint: () => {},
    figures: makeTestFigures(),
    lag: { began: () => {}, ended: () => {} },
  })
  const records = events.map(
    (event, index): ReceivedRecord => ({
      topic: 't.books',
      partition: 4,
      offset: String(index),
      timestampMs: 0,
      key: 'k',
      value: JSON.stringify(event),
    }),
  )
  await ingest(records)
  expect(stored.map(({ content }) => content.id)).toEqual(
    [0, 0, 2, 2].map((index) => events[index]?.id),
  )
  expect(buried.map(({ key }) => key)).toEqual(['t.books/4/1'])
  const letter = deadLetter.parse(JSON.parse(buried[0]?.value ?? ''))
  expect(letter).toMatchObject({ reason: 'no such party', value: records[1]?.value })
  expect(letter.stack).toMatch(/TypeError: no such party\n\s+at draftsOf .*ingest\.test/)
})

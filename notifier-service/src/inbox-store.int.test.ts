import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { afterAll, expect, test } from 'vitest'
import { makeEvents } from '../test/events.ts'
import { useMongo } from '../test/mongo.ts'
import { makeAppend } from './append.ts'
import { makeFeedStore } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { makeInboxStore } from './inbox-store.ts'
import { notificationsOf } from './notifications.ts'

const mongo = useMongo()
const client = new MongoClient(mongo.url, { monitorCommands: true })
const store = makeFeedStore(client.db(mongo.name))
const inbox = makeInboxStore(client.db(mongo.name), store)

afterAll(() => client.close())

/** The ranges of seqs that updates named, lowest first. */
const updatesDuring = async (act: () => Promise<void>): Promise<[number, number][]> => {
  const ranges: [number, number][] = []
  const note = ({ commandName, command }: { commandName: string; command: unknown }) => {
    if (commandName !== 'update') return
    const { updates } = command as { updates: { q: { seq: { $gt: number; $lte: number } } }[] }
    for (const { q } of updates) ranges.push([q.seq.$gt, q.seq.$lte])
  }
  client.on('commandStarted', note)
  await act()
  client.off('commandStarted', note)
  return ranges.toSorted(([one], [other]) => one - other)
}

test('to mark everything takes pieces, from the first that is unread to the last', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const userId = people.borrower
  const place = { userId, epoch: 1 }
  const append = makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now })
  await append(
    makeEvents(people, 1_300)
      .flatMap(notificationsOf)
      .filter((draft) => draft.userId === userId),
  )
  await inbox.mark(place, { upTo: 100 }, 'read')
  const ranges = await updatesDuring(() => inbox.mark(place, { upTo: 1_250 }, 'read'))
  expect(ranges).toEqual([
    [100, 600],
    [600, 1_100],
    [1_100, 1_250],
  ])
  expect(await inbox.counts(userId, { epoch: 1, seq: 1_300 })).toEqual({ unseen: 50, unread: 50 })
  expect(await inbox.counts(userId, { epoch: 1, seq: 1_200 })).toEqual({ unseen: 0, unread: 0 })
  expect(await updatesDuring(() => inbox.mark(place, { upTo: 1_250 }, 'read'))).toEqual([])
})

// A reader of book events inside this process that is wrong on purpose: the twin of the notifier.
import { randomUUID } from 'node:crypto'
import { makeLog } from '@quits/kit/log'
import { topicNames } from '@quits/proto/cloud-event'
import { makeAppend } from '../../../notifier-service/src/append.ts'
import { makeBooksPart, makeGraveyard } from '../../../notifier-service/src/consumers.ts'
import { makeFeedStore } from '../../../notifier-service/src/feed-store.ts'
import { makeHeads } from '../../../notifier-service/src/heads.ts'
import { makeIngest } from '../../../notifier-service/src/ingest.ts'
import { makePreferenceStore } from '../../../notifier-service/src/preference-store.ts'
import { runParts } from '../../../notifier-service/test/bench.ts'
import { makeTestFigures } from '../../../notifier-service/test/figures.ts'
import { makeSender } from './sender.ts'
import type { FeedWorld } from './world.ts'

export interface BrokenReader {
  prefix: string
  send: FeedWorld['send']
  /** Records that it has acknowledged. */
  read: () => number
  stop: () => Promise<void>
}

/**
 * It reads a topic of its own and passes over poison. With `commitsFirst` it acknowledges its first
 * batch without storing it, as one does that commits first and dies.
 */
export async function startBrokenReader(
  { bench }: Pick<FeedWorld, 'bench'>,
  { commitsFirst }: { commitsFirst: boolean },
): Promise<BrokenReader> {
  const prefix = `twin-${randomUUID().slice(0, 8)}`
  const log = makeLog({ service: 'twin', level: 'silent' })
  const store = makeFeedStore(bench.database)
  const topics = topicNames(prefix)
  let read = 0
  const ingest = makeIngest({
    append: makeAppend({ store, heads: makeHeads({ store, now: Date.now }), now: Date.now }),
    preferences: makePreferenceStore(bench.database, Date.now),
    bury: async () => undefined,
    hint: () => undefined,
    figures: makeTestFigures(),
    lag: { began: () => {}, ended: () => {} },
  })
  const { part } = makeBooksPart({
    kafka: bench.kafka,
    prefix,
    booksPartitions: 1,
    usersPartitions: 1,
    log,
    ingest: async (records) => {
      // What is acknowledged before it is stored is gone with the process.
      if (!commitsFirst || read > 0) await ingest(records)
      read += records.length
    },
    graveyard: makeGraveyard(bench.kafka, topics.deadOf(topics.books)),
    indexed: Promise.resolve(),
    sessionMs: 10_000,
  })
  await bench.kafka.ensureTopics([{ topic: topics.books, partitions: 1 }])
  const stopPart = runParts([part])
  const sender = makeSender(bench.kafka, topics)
  return {
    prefix,
    send: sender.send,
    read: () => read,
    async stop() {
      await sender.close()
      await stopPart()
    },
  }
}

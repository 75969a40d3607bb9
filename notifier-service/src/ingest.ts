/**
 * From Kafka to the feeds: read → store → hint; the offset is committed after this resolves.
 * Poison never stops the rest: it goes to the dead letter topic with its reason, after the good
 * ones are stored and before the offset moves. A repeat may write a dead letter twice, under the
 * same key; it never loses one.
 */
import type { KafkaRecord, ReceivedRecord } from '@quits/kit/kafka'
import { type BookEvent, parseBookEvent } from '@quits/proto/books'
import type { Append } from './append.ts'
import { deadLetterOf } from './dead-letter.ts'
import type { Hint } from './hints.ts'
import type { Lag } from './lag.ts'
import type { Figures } from './metrics.ts'
import { asWanted, noWish } from './muting.ts'
import { type Draft, notificationsOf } from './notifications.ts'
import type { PreferenceStore } from './preference-store.ts'

interface Sorted {
  drafts: Draft[]
  dead: KafkaRecord[]
}

/** The drafts of one record, or its dead letter: a record that trips our own rules is poison, too. */
const read = (
  record: ReceivedRecord,
  draftsOf: (event: BookEvent) => Draft[],
): Draft[] | KafkaRecord => {
  const parsed = parseBookEvent(record.value)
  if (!('event' in parsed)) return deadLetterOf(record, parsed.poison, parsed.faults.join('\n'))
  try {
    return draftsOf(parsed.event)
  } catch (error) {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
    return deadLetterOf(record, message, stack)
  }
}

const sort = (records: ReceivedRecord[], draftsOf: (event: BookEvent) => Draft[]): Sorted => {
  const sorted: Sorted = { drafts: [], dead: [] }
  for (const record of records) {
    const found = read(record, draftsOf)
    if (Array.isArray(found)) sorted.drafts.push(...found)
    else sorted.dead.push(found)
  }
  return sorted
}

export type Ingest = (records: ReceivedRecord[]) => Promise<void>

/** Handles one batch. Rejects when MongoDB or the dead letter topic did not take everything. */
export const makeIngest = (options: {
  /** The rules; a test brings broken ones. */
  draftsOf?: (event: BookEvent) => Draft[]
  append: Append
  preferences: Pick<PreferenceStore, 'wishesOf'>
  /** Puts records on the dead letter topic; resolves after the ack. */
  bury: (records: KafkaRecord[]) => Promise<void>
  /** Word to the sockets of all processes. */
  hint: (hints: Hint[]) => void
  figures: Pick<Figures, 'stored' | 'repeats' | 'deadLetters'>
  lag: Pick<Lag, 'began' | 'ended'>
}): Ingest => {
  const { figures } = options

  const wanted = async (drafts: Draft[]): Promise<Draft[]> => {
    const readers = [...new Set(drafts.map(({ userId }) => userId))]
    const wishes = await options.preferences.wishesOf(readers)
    return drafts.flatMap((draft) => asWanted(draft, wishes.get(draft.userId) ?? noWish))
  }

  return async (records) => {
    options.lag.began(records)
    const { drafts, dead } = sort(records, options.draftsOf ?? notificationsOf)
    if (drafts.length > 0) {
      const storable = await wanted(drafts)
      const { rows, heads } = await options.append(storable)
      options.hint([...heads].map(([userId, head]) => ({ userId, ...head })))
      figures.stored.inc(rows.length)
      figures.repeats.inc(storable.length - rows.length)
    }
    if (dead.length > 0) {
      await options.bury(dead)
      figures.deadLetters.inc(dead.length)
    }
    options.lag.ended(records)
  }
}

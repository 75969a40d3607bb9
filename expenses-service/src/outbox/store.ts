/** The outbox tables: rows are added in the transaction they speak of, and leave after the ack. */
import { int4s, texts } from '../column.ts'
import type { Connection } from '@quits/kit/postgres'
import type { MailJob } from '@quits/proto/jobs'
import { inserting, type Statement } from '../statement.ts'
import type { OutboxEvent } from './event.ts'

/**
 * Fills a page of the table. A longer row is cut into pieces of two kilobytes, each with an index entry
 * of its own to write, to find and to delete.
 */
const batchLengthMax = 7_900

/** Events of one topic that wait as one row. */
interface Batch {
  topic: OutboxEvent['topic']
  keys: string[]
  /** JSON, which has no line break of its own. */
  events: string[]
  /** Of all keys and events, in characters with a line break behind each. */
  length: number
}

/**
 * Adds events in the order given, many to a row. Whoever sends it holds the row lock of each key: the
 * row's id is taken under all of them, so per key the order of ids is the order of commits.
 */
export const addingEvents = (events: OutboxEvent[]): Statement[] => insertBatches(batchesOf(events))

const batchesOf = (all: OutboxEvent[]): Batch[] => {
  const batches: Batch[] = []
  for (const { topic, key, event } of all) {
    const text = JSON.stringify(event)
    const length = key.length + text.length + 2
    const last = batches.findLast((batch) => batch.topic === topic)
    if (last === undefined || last.length + length > batchLengthMax) {
      batches.push({ topic, keys: [key], events: [text], length })
      continue
    }
    last.keys.push(key)
    last.events.push(text)
    last.length += length
  }
  return batches
}

const insertBatches = inserting<Batch>('outbox_batches', {
  topic: texts(({ topic }) => topic),
  count: int4s(({ keys }) => keys.length),
  keys: texts(({ keys }) => keys.join('\n')),
  events: texts(({ events }) => events.join('\n')),
})

/** The same, sent now. */
export const addEvents = async (connection: Connection, events: OutboxEvent[]): Promise<void> => {
  for (const statement of addingEvents(events)) await connection.query(statement)
}

/** Adds jobs; one that is still here when it expires is dropped by the relay. */
export const addJobs = async (connection: Connection, jobs: MailJob[]): Promise<void> => {
  if (jobs.length === 0) return
  await connection.query({
    name: 'outbox-add-jobs',
    text: `INSERT INTO outbox_jobs (job, expires_at)
           SELECT * FROM unnest($1::text[], $2::timestamptz[])`,
    values: [jobs.map((job) => JSON.stringify(job)), jobs.map(({ expiresAt }) => expiresAt)],
  })
}

/** Events of one turn, in their order. */
export interface WaitingBatch {
  id: bigint
  topic: 'books' | 'users'
  events: { key: string; event: string }[]
  /** Since its transaction began. */
  ageMs: number
}

/** Rows of a topic looked at for one message to the broker, a page each. */
export const batchesMax = 64

/**
 * The oldest batches that wait, as many as hold at most `eventsMax` events, or the first one: those of users,
 * then those of books, each oldest first. Who has signed out does not wait for what others have written down.
 */
export const oldestBatches = async (
  connection: Connection,
  eventsMax: number,
): Promise<WaitingBatch[]> => {
  const { rows } = await connection.query<{
    id: bigint
    topic: WaitingBatch['topic']
    keys: string
    events: string
    age: number
  }>({
    name: 'outbox-oldest-batches',
    text: `SELECT id, topic, keys, events, 1000 * extract(epoch FROM now() - at)::float8 AS age FROM (
             SELECT *, sum(count) OVER (ORDER BY topic DESC, id) AS up_to
             FROM ((SELECT * FROM outbox_batches WHERE topic = 'users' ORDER BY id LIMIT $2)
                   UNION ALL
                   (SELECT * FROM outbox_batches WHERE topic = 'books' ORDER BY id LIMIT $2)) oldest
           ) counted WHERE up_to <= $1 OR up_to = count ORDER BY topic DESC, id`,
    values: [eventsMax, batchesMax],
  })
  return rows.map(({ id, topic, keys, events, age }) => {
    const keyOf = keys.split('\n')
    return {
      id,
      topic,
      events: events.split('\n').map((event, index) => ({ key: keyOf[index] ?? '', event })),
      ageMs: age,
    }
  })
}

export interface WaitingJob {
  id: bigint
  job: string
  expired: boolean
}

/** The oldest jobs that wait, oldest first. */
export const oldestJobs = async (connection: Connection, rowsMax: number) => {
  const { rows } = await connection.query<WaitingJob>({
    name: 'outbox-oldest-jobs',
    text: `SELECT id, job, expires_at <= now() AS expired
           FROM outbox_jobs ORDER BY id LIMIT $1`,
    values: [rowsMax],
  })
  return rows
}

/** Forgets rows after the broker's ack. */
export const deleteWaiting = async (
  connection: Connection,
  table: 'outbox_batches' | 'outbox_jobs',
  ids: bigint[],
): Promise<void> => {
  await connection.query({
    name: `delete-${table}`,
    text: `DELETE FROM ${table} WHERE id = ANY($1::bigint[])`,
    values: [ids],
  })
}

const sizes = { outbox_batches: 'coalesce(sum(count), 0)', outbox_jobs: 'count(*)' }

/** How many events or jobs wait and how old the oldest is, in seconds. */
export const backlog = async (
  connection: Pick<Connection, 'query'>,
  table: keyof typeof sizes,
): Promise<{ rows: number; ageSeconds: number }> => {
  const { rows } = await connection.query<{ rows: number; age: number }>(
    `SELECT ${sizes[table]}::int AS rows,
            coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS age FROM ${table}`,
  )
  return { rows: rows[0]?.rows ?? 0, ageSeconds: rows[0]?.age ?? 0 }
}

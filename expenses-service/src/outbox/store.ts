/** The outbox tables: rows are added in the transaction they speak of, and leave after the ack. */
import { texts } from '../column.ts'
import type { Connection } from '@quits/kit/postgres'
import type { MailJob } from '@quits/proto/jobs'
import { overRows, type Statement } from '../statement.ts'
import type { OutboxEvent } from './event.ts'

/** Adds events in the order given. Whoever sends it holds the row lock of each key. */
export const addingEvents = (events: OutboxEvent[]): Statement[] =>
  overRows(
    events,
    'outbox-add-events',
    `INSERT INTO outbox_events (topic, key, event)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[])`,
    [
      texts(({ topic }) => topic),
      texts(({ key }) => key),
      texts(({ event }) => JSON.stringify(event)),
    ],
  )

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

export interface WaitingEvent {
  id: bigint
  topic: 'books' | 'users'
  key: string
  event: string
}

/** The oldest events that wait, oldest first. */
export const oldestEvents = async (connection: Connection, rowsMax: number) => {
  const { rows } = await connection.query<WaitingEvent>({
    name: 'outbox-oldest-events',
    text: 'SELECT id, topic, key, event FROM outbox_events ORDER BY id LIMIT $1',
    values: [rowsMax],
  })
  return rows
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
  table: 'outbox_events' | 'outbox_jobs',
  ids: bigint[],
): Promise<void> => {
  await connection.query({
    name: `delete-${table}`,
    text: `DELETE FROM ${table} WHERE id = ANY($1::bigint[])`,
    values: [ids],
  })
}

/** How many rows wait and how old the oldest is, in seconds. */
export const backlog = async (
  connection: Pick<Connection, 'query'>,
  table: 'outbox_events' | 'outbox_jobs',
): Promise<{ rows: number; ageSeconds: number }> => {
  const { rows } = await connection.query<{ rows: number; age: number }>(
    `SELECT count(*)::int AS rows,
            coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS age FROM ${table}`,
  )
  return { rows: rows[0]?.rows ?? 0, ageSeconds: rows[0]?.age ?? 0 }
}

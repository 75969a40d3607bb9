/** The contract of `quits.journal.v1.Journal`, and the one way to make a fingerprint of an hour. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { GrpcContract } from './grpc.ts'

export interface JournalSpan {
  userId: string
  /** Unix milliseconds, as digits: proto int64. */
  fromMs: string
  toMs: string
}

export interface HourMessage {
  hourMs: string
  count: number
  hash: string
}

export const readersMax = 1_000

export const journalContract: GrpcContract<{
  Readers: {
    request: { afterUserId: string; limit: number }
    response: { userId: string }
    stream: true
  }
  Read: { request: JournalSpan; response: { event: string }; stream: true }
  Hours: { request: JournalSpan; response: HourMessage; stream: true }
}> = {
  file: fileURLToPath(new URL('./journal.proto', import.meta.url)),
  service: 'quits.journal.v1.Journal',
}

const hourMs = 3_600_000

/** Count and hash of events for each hour, oldest first. Equal sets make equal fingerprints. */
export const hoursOf = (events: Iterable<{ id: string; atMs: number }>): HourMessage[] => {
  const hours = new Map<number, string[]>()
  for (const { id, atMs } of events) {
    const hour = Math.floor(atMs / hourMs) * hourMs
    const ids = hours.get(hour)
    if (ids === undefined) hours.set(hour, [id])
    else ids.push(id)
  }
  return [...hours]
    .toSorted(([one], [other]) => one - other)
    .map(([hour, ids]) => {
      const sorted = ids.toSorted((one, other) => (one < other ? -1 : 1))
      const hash = createHash('sha256')
      for (const id of sorted) hash.update(`${id}\n`)
      return { hourMs: String(hour), count: ids.length, hash: hash.digest('hex') }
    })
}

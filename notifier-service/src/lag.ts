/** How far behind Kafka this process is, in seconds. Pure but for the clock that comes in. */
import type { ReceivedRecord } from '@quits/kit/kafka'

/** So long after a batch its lag still tells something; afterwards nothing waits. */
const freshMs = 10_000

type Timed = Pick<ReceivedRecord, 'topic' | 'partition' | 'timestampMs'>

/** What is known of one partition; it is for as long as this process stays in its group. */
interface Reading {
  atMs: number
  /** When the broker got the oldest record in hand, which may have failed. */
  waitingSinceMs: number | undefined
  handledLagMs: number
}

export type Lag = ReturnType<typeof makeLag>

export const makeLag = (options: {
  now: () => number
  /** Since when this process is in its group; undefined while it is not. */
  liveSinceMs: () => number | undefined
  /** Since when it is not; undefined while it is. */
  awaySinceMs: () => number | undefined
}) => {
  const { now } = options
  /** At most one for each partition of the topic. */
  const readings = new Map<string, Reading>()
  const byPartition = (records: Timed[]) =>
    Map.groupBy(records, ({ topic, partition }) => `${topic}/${partition}`)

  const lagMs = ({ atMs, waitingSinceMs, handledLagMs }: Reading): number => {
    if (waitingSinceMs !== undefined) return now() - waitingSinceMs
    return now() - atMs < freshMs ? handledLagMs : 0
  }

  return {
    /** These are in hand, of one partition or several. */
    began(records: Timed[]): void {
      for (const [place, some] of byPartition(records)) {
        const waitingSinceMs = Math.min(...some.map(({ timestampMs }) => timestampMs))
        readings.set(place, { atMs: now(), waitingSinceMs, handledLagMs: 0 })
      }
    },
    /** All of them are stored. */
    ended(records: Timed[]): void {
      for (const [place, some] of byPartition(records)) {
        const newestMs = Math.max(...some.map(({ timestampMs }) => timestampMs))
        const handledLagMs = now() - newestMs
        readings.set(place, { atMs: now(), waitingSinceMs: undefined, handledLagMs })
      }
    },
    /**
     * That of the partition that is furthest behind. Grows while a batch can't be stored and while
     * this process is out of its group, where nobody knows what waits; 0 when nothing does.
     */
    seconds(): number {
      const liveSinceMs = options.liveSinceMs() ?? 0
      // What was in hand before the last join may be another's now, or comes again.
      for (const [place, { atMs }] of readings) if (atMs < liveSinceMs) readings.delete(place)
      const awayMs = now() - (options.awaySinceMs() ?? now())
      return Math.max(0, awayMs, ...[...readings.values()].map(lagMs)) / 1_000
    },
  }
}

/**
 * Offsets are committed beside the work: nobody waits for them, and one request now and then tells
 * the newest place of every partition. What is committed late comes again after a crash, which a
 * reader must bear anyway.
 */
import type { Log } from './log.ts'

const everyMs = 200

interface Place {
  topic: string
  partition: number
  /** The next one to read. */
  offset: string
}
interface Offsets {
  topics: { topic: string; partitions: { partition: number; offset: string }[] }[]
}
type Commit = (offsets: Offsets) => Promise<void>

export const makeOffsetCommits = (log: Log) => {
  let waiting = new Map<string, Place>()
  let commit: Commit = async () => undefined
  let timer: NodeJS.Timeout | undefined
  let sending = Promise.resolve()

  const later = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      sending = sending.then(send)
    }, everyMs)
  }

  const send = async () => {
    const places = waiting
    waiting = new Map()
    if (places.size === 0) return
    try {
      await commit(byTopic([...places.values()]))
    } catch (error) {
      log.debug({ err: error }, 'offsets were not committed; tried again')
      // What was handled meanwhile is newer.
      waiting = new Map([...places, ...waiting])
      later()
    }
  }

  return {
    /** Everything below `place.offset` is handled; `how` sends it. */
    handled(place: Place, how: Commit): void {
      waiting.set(`${place.topic}/${place.partition}`, place)
      commit = how
      later()
    },
    /** The group has dealt out its partitions anew: what is not committed comes again. */
    forget(): void {
      waiting.clear()
    },
    /** Sends what waits, once, and goes to rest. */
    async flush(): Promise<void> {
      sending = sending.then(send)
      await sending
      clearTimeout(timer)
      timer = undefined
    },
  }
}

const byTopic = (places: Place[]): Offsets => ({
  topics: [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, some]) => ({
    topic,
    partitions: some.map(({ partition, offset }) => ({ partition, offset })),
  })),
})

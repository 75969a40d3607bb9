/**
 * Word between notifier processes over Redis pub/sub: "this feed has grown", "these were marked",
 * "this person mutes something else".
 * It is only a hint: whatever is lost here, a ping repairs from MongoDB (`sockets/heartbeat.ts`). A
 * process never hears itself; it tells its own sockets directly, with or without Redis.
 */
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { stateFrame } from '@quits/proto/feed'
import type { Redis } from 'ioredis'
import { z } from 'zod'

const hint = z.object({ userId: z.uuid(), epoch: z.int(), seq: z.int() })
export type Hint = z.infer<typeof hint>

/** What was marked; each socket adds the counts as of its own place. */
const change = stateFrame.pick({ ids: true, upTo: true, status: true })
export type Change = z.infer<typeof change>

const word = z.object({
  from: z.string(),
  grown: z.array(hint).optional(),
  marked: z.object({ userId: z.uuid(), change }).optional(),
  /** Whose preferences have changed. */
  preferring: z.uuid().optional(),
  /** Something that was to be said before this could not be sent. */
  lost: z.literal(true).optional(),
})
type Word = z.infer<typeof word>

export interface Listener {
  grown(hint: Hint): void
  marked(userId: string, change: Change): void
  preferring(userId: string): void
}

/** `instance` names this process; `subscriber` is a connection of its own (Redis wants that). */
export const makeHints = (options: {
  redis: Redis
  subscriber: Redis
  prefix: string
  instance: string
  listener: Listener
  log: Log
}) => {
  const channel = `${options.prefix}:feed:words`
  let losses = 0
  /** Others wait for something that they do not know of. */
  let owing = false

  const tell = (message: Word) => {
    const telling = owing ? { ...message, lost: true } : message
    owing = false
    options.redis.publish(channel, JSON.stringify(telling)).catch((error: unknown) => {
      owing = true
      options.log.warn({ err: error }, 'hint not sent; pings will repair it')
    })
  }
  options.redis.on('ready', () => {
    if (owing) tell({ from: options.instance })
  })
  options.subscriber.on('close', () => {
    losses += 1
  })

  const hear = (text: string) => {
    const { from, grown, marked, preferring, lost } = word.parse(JSON.parse(text))
    if (from === options.instance) return
    if (lost === true) losses += 1
    for (const each of grown ?? []) options.listener.grown(each)
    if (marked !== undefined) options.listener.marked(marked.userId, marked.change)
    if (preferring !== undefined) options.listener.preferring(preferring)
  }

  const part: Part = {
    name: 'hints',
    async run(signal) {
      options.subscriber.on('message', (_channel: string, text: string) => {
        try {
          hear(text)
        } catch (error) {
          options.log.warn({ err: error }, 'hint not understood')
        }
      })
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      // Waits for Redis as long as it takes; after a reconnect ioredis subscribes again.
      const subscribed = options.subscriber.subscribe(channel).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      await Promise.race([stopped, subscribed.then(() => stopped)])
      options.subscriber.disconnect()
      options.redis.disconnect()
    },
  }

  return {
    part,
    ready: () => options.subscriber.status === 'ready' && options.redis.status === 'ready',
    /** How often word from others may have been lost so far, by this process or by them. */
    losses: () => losses,
    grown: (hints: Hint[]) => tell({ from: options.instance, grown: hints }),
    marked: (userId: string, change: Change) =>
      tell({ from: options.instance, marked: { userId, change } }),
    preferring: (userId: string) => tell({ from: options.instance, preferring: userId }),
  }
}

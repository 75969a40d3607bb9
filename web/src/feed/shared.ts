/**
 * One socket for all tabs of a browser. The tab that holds the lock runs the feed and tells the
 * others what comes; when it goes, the lock passes on and the next tab goes on from the shared
 * cursor. Told once and in order: only the holder speaks, and a channel keeps its order.
 */
import type { Counts, Notification } from '@quits/proto/feed'
import type { Feed, FeedListener } from './feed.ts'

export type TabMessage =
  /** A new tab asks how things stand. */
  | { type: 'hello' }
  | { type: 'events'; notifications: Notification[]; moreFollows: boolean }
  | { type: 'reload' }
  | { type: 'marked' }
  | { type: 'cutShort' }
  | { type: 'counts'; counts: Counts }
  | { type: 'live'; isLive: boolean }
  | { type: 'late'; isLate: boolean }

export interface TabChannel {
  /** Reaches every other tab, never the one that posts. */
  post: (message: TabMessage) => void
  hear: (listener: (message: TabMessage) => void) => void
  close: () => void
}

export interface SharedDependencies {
  /** Runs while this tab alone holds the lock; gives up waiting for it when the signal is heard. */
  alone: (run: () => Promise<void>, signal: AbortSignal) => Promise<void>
  openChannel: () => TabChannel
  /** Made anew by the tab that gets the lock, so that it starts from the cursor of then. */
  makeFeed: (listener: FeedListener) => Feed
}

/** Tells this tab and all others, and remembers what a tab that comes later has to know. */
const makeTeller = (listener: FeedListener, channel: TabChannel) => {
  let counts: Counts | undefined
  let isLive = false
  let isLate = false
  const both = (message: TabMessage) => {
    tell(listener, message)
    channel.post(message)
  }
  const told: FeedListener = {
    events: (notifications, moreFollows) => both({ type: 'events', notifications, moreFollows }),
    reload: () => both({ type: 'reload' }),
    marked: () => both({ type: 'marked' }),
    cutShort: () => both({ type: 'cutShort' }),
    counts: (next) => {
      counts = next
      both({ type: 'counts', counts: next })
    },
    live: (next) => {
      isLive = next
      isLate = false
      both({ type: 'live', isLive: next })
    },
    late: (next) => {
      isLate = next
      both({ type: 'late', isLate: next })
    },
  }
  const greet = () => {
    if (counts !== undefined) channel.post({ type: 'counts', counts })
    channel.post({ type: 'live', isLive })
    if (isLate) channel.post({ type: 'late', isLate })
  }
  return { told, greet }
}

const tell = (listener: FeedListener, message: TabMessage): void => {
  if (message.type === 'events') listener.events(message.notifications, message.moreFollows)
  if (message.type === 'reload') listener.reload()
  if (message.type === 'marked') listener.marked()
  if (message.type === 'cutShort') listener.cutShort()
  if (message.type === 'counts') listener.counts(message.counts)
  if (message.type === 'live') listener.live(message.isLive)
  if (message.type === 'late') listener.late(message.isLate)
}

export const makeSharedFeed = (
  { alone, openChannel, makeFeed }: SharedDependencies,
  listener: FeedListener,
): Feed => ({
  async run(signal) {
    const channel = openChannel()
    const { told, greet } = makeTeller(listener, channel)
    let isHolder = false
    let wasTold = false
    channel.hear((message) => {
      if (isHolder) {
        if (message.type === 'hello') greet()
        return
      }
      wasTold ||= message.type !== 'hello'
      tell(listener, message)
    })
    channel.post({ type: 'hello' })
    const hold = async () => {
      isHolder = true
      // The last holder may have moved the cursor and died before it told what came, or told all.
      if (wasTold) told.reload()
      await makeFeed(told).run(signal)
    }
    try {
      await alone(hold, signal)
    } finally {
      channel.close()
    }
  },
})

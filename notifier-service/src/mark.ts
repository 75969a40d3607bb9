/**
 * The use case of marking: store it and tell every device of the person. A feed may be switched to
 * another epoch meanwhile: what was marked before the switch the rebuild takes along, what may have
 * come after it is marked again here. So the epoch is asked for once more, after the marks stand.
 */
import type { Counts, Cursor, MarkStatus } from '@quits/proto/feed'
import type { FeedStore } from './feed-store.ts'
import type { Change } from './hints.ts'
import type { InboxStore, Marked } from './inbox-store.ts'

const switchesMax = 3

export type Mark = (userId: string, marked: Marked, status: MarkStatus) => Promise<Counts>

/** `tell` reaches the person's sockets here and in the other processes. */
export const makeMark = (options: {
  store: Pick<FeedStore, 'head' | 'epoch'>
  inbox: Pick<InboxStore, 'mark' | 'counts'>
  tell: (userId: string, change: Change) => void
}): Mark => {
  const { store, inbox } = options

  const markAt = async (userId: string, marked: Marked, status: MarkStatus): Promise<Cursor> => {
    for (let switches = 0; switches < switchesMax; switches += 1) {
      const head = await store.head(userId)
      // Whatever a client names, there is nothing above the head to walk to.
      const standing = 'upTo' in marked ? { upTo: Math.min(marked.upTo, head.seq) } : marked
      await inbox.mark({ userId, epoch: head.epoch }, standing, status)
      if ((await store.epoch(userId)) === head.epoch) return head
    }
    throw new Error(`the feed was switched ${switchesMax} times within one mark`)
  }

  return async (userId, marked, status) => {
    const head = await markAt(userId, marked, status).catch((error: unknown) => {
      // Some of it may stand: whoever remembers counts asks for them again.
      options.tell(userId, { upTo: 0, status: 'seen' })
      throw error
    })
    options.tell(userId, { ...marked, status })
    return inbox.counts(userId, head)
  }
}

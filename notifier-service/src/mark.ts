/** The use case of marking: store it and tell every device of the person. */
import type { Counts, MarkStatus } from '@quits/proto/feed'
import type { FeedStore } from './feed-store.ts'
import type { Change } from './hints.ts'
import type { InboxStore, Marked } from './inbox-store.ts'

export type Mark = (userId: string, marked: Marked, status: MarkStatus) => Promise<Counts>

/** `tell` reaches the person's sockets here and in the other processes. */
export const makeMark = (options: {
  store: Pick<FeedStore, 'head'>
  inbox: Pick<InboxStore, 'mark' | 'counts'>
  tell: (userId: string, change: Change) => void
}): Mark => {
  return async (userId, marked, status) => {
    const head = await options.store.head(userId)
    // Whatever a client names, there is nothing above the head to walk to.
    const standing = 'upTo' in marked ? { upTo: Math.min(marked.upTo, head.seq) } : marked
    await options.inbox.mark({ userId, epoch: head.epoch }, standing, status)
    options.tell(userId, { ...marked, status })
    return options.inbox.counts(userId, head)
  }
}

/** Joins the feed to the pages: what an event changes is read again, and the bell counts. */
import type { Counts, Notification } from '@quits/proto/feed'
import type { QueryClient } from '@tanstack/react-query'
import { keys } from './api/keys.ts'
import type { FeedListener } from './feed/feed.ts'

export interface LiveState {
  isLive: boolean
  counts: Counts
  /** The newest event that rings, for those who listen to the page. */
  latest: Notification | undefined
  /** When the shown figures were last known to be right; ms since the epoch. */
  knownAtMs: number
}

export interface Live extends FeedListener {
  state: () => LiveState
  subscribe: (listener: () => void) => () => void
  /** Everything up to here was seen; the server has been told. */
  seen: () => void
}

/** Reads again what a change of one debt can touch. */
export const touchDebt = async (queries: QueryClient, debtId: string): Promise<void> => {
  await Promise.all([
    queries.invalidateQueries({ queryKey: keys.summary }),
    queries.invalidateQueries({ queryKey: keys.debts }),
    queries.invalidateQueries({ queryKey: keys.debt(debtId) }),
    queries.invalidateQueries({ queryKey: keys.entries(debtId) }),
    queries.invalidateQueries({ queryKey: keys.people }),
  ])
}

export const makeLive = (queries: QueryClient, now: () => number): Live => {
  let state: LiveState = {
    isLive: false,
    counts: { unseen: 0, unread: 0 },
    latest: undefined,
    knownAtMs: now(),
  }
  const listeners = new Set<() => void>()
  const become = (next: Partial<LiveState>) => {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    event(notification) {
      const rings = notification.weight !== 'silent'
      become({ knownAtMs: now(), ...(rings ? { latest: notification } : {}) })
      void touchDebt(queries, notification.subject.id)
      void queries.invalidateQueries({ queryKey: keys.notifications })
    },
    reload() {
      void queries.invalidateQueries()
    },
    counts: (counts) => become({ counts }),
    live: (isLive) => become({ isLive, knownAtMs: now() }),
    seen: () => become({ counts: { ...state.counts, unseen: 0 } }),
  }
}

/** Joins the feed to the pages: what an event changes is read again, and the bell counts. */
import type { Counts, Notification } from '@quits/proto/feed'
import type { QueryClient } from '@tanstack/react-query'
import { keys } from './api/keys.ts'
import type { FeedListener } from './feed/feed.ts'

export interface LiveState {
  isLive: boolean
  /** What is new may come late at present; it is not lost. */
  isLate: boolean
  counts: Counts
  /** The newest event that rings, for those who listen to the page. */
  latest: Notification | undefined
  /** When the shown figures were last known to be right; ms since the epoch. */
  knownAtMs: number
  /** Some of what was missed is too old to be shown one by one, and nobody has read that yet. */
  isCutShort: boolean
}

export interface Live extends FeedListener {
  state: () => LiveState
  subscribe: (listener: () => void) => () => void
  /** What a mark by REST was answered; a live feed says it by itself, and in order. */
  counted: (counts: Counts | undefined) => void
  /** The word about what is too old was read. */
  understood: () => void
}

/** Reads again what a change of one debt can touch. */
export const touchDebt = (queries: QueryClient, debtId: string): Promise<void> =>
  touchDebts(queries, new Set([debtId]))

/** A pile of events becomes one reading: the lists once, however many debts they touch. */
const touchDebts = async (queries: QueryClient, debtIds: ReadonlySet<string>): Promise<void> => {
  const lists = [keys.summary, keys.debts, keys.people]
  const single = [...debtIds].flatMap((id) => [
    keys.debt(id),
    keys.entries(id),
    keys.invitations(id),
  ])
  await Promise.all(
    [...lists, ...single].map((queryKey) => queries.invalidateQueries({ queryKey })),
  )
}

/**
 * After a reading the next one waits so long and then takes all that came meanwhile: thousands of
 * missed events must neither freeze the page nor ask the server thousands of times.
 */
const gatherMs = 300
/** While more is known to be on its way, pages wait for the end of it, and at most so long. */
const resumeMs = 2_000

export interface LiveClock {
  now: () => number
  /** Calls `act` once, after `ms`. */
  later: (act: () => void, ms: number) => void
}

export const makeLive = (queries: QueryClient, { now, later }: LiveClock): Live => {
  let state: LiveState = {
    isLive: false,
    isLate: false,
    counts: { unseen: 0, unread: 0 },
    latest: undefined,
    knownAtMs: now(),
    isCutShort: false,
  }
  const listeners = new Set<() => void>()
  const become = (next: Partial<LiveState>) => {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
  }

  let debtIds = new Set<string>()
  let latest: Notification | undefined
  let dueAtMs: number | undefined
  let nextAtMs = 0
  const show = () => {
    dueAtMs = undefined
    nextAtMs = now() + gatherMs
    const touched = debtIds
    debtIds = new Set()
    become({ knownAtMs: now(), ...(latest === undefined ? {} : { latest }) })
    if (touched.size > 0) void touchDebts(queries, touched)
    void queries.invalidateQueries({ queryKey: keys.notifications })
  }
  const showAt = (atMs: number) => {
    // A clock that was set back must not make anybody wait until then.
    const dueMs = Math.max(Math.min(nextAtMs, now() + gatherMs), atMs)
    if (dueAtMs !== undefined && dueAtMs <= dueMs) return
    dueAtMs = dueMs
    later(
      () => {
        // Another one may have come to be due sooner.
        if (dueAtMs === dueMs) show()
      },
      Math.max(0, dueMs - now()),
    )
  }
  const showSoon = () => showAt(now())

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    events(notifications, moreFollows) {
      for (const notification of notifications) {
        if (notification.weight !== 'silent') latest = notification
        debtIds.add(notification.subject.id)
      }
      if (moreFollows) showAt(now() + resumeMs)
      else showSoon()
    },
    reload() {
      void queries.invalidateQueries()
    },
    marked: showSoon,
    cutShort: () => become({ isCutShort: true }),
    understood: () => become({ isCutShort: false }),
    counts: (counts) => become({ counts }),
    counted(counts) {
      // Counts that are answered may be older than an event that has come meanwhile.
      if (counts !== undefined && !state.isLive) become({ counts })
      showSoon()
    },
    live: (isLive) => become({ isLive, isLate: false, knownAtMs: now() }),
    late: (isLate) => become({ isLate }),
  }
}

/** The way to an entry within the page of its debt, and what brings it into view there. */
import type { Notification } from '@quits/proto/feed'
import { useEffect, useRef } from 'react'
import { useLocationProperty } from 'wouter/use-browser-location'
import { type Line, lineOf } from '../messages/lines.ts'
import type { useEntries } from './queries.ts'

const anchor = /^#entry-([1-9]\d{0,8})$/
/** Whoever looks for something older than that turns the pages by hand. */
const pagesMax = 20
/** What waits for an answer is asked at the top of the page, not in the history. */
const inHistory = new Set(['transaction.posted', 'transaction.resolved'])

export const entryHref = (debtId: string, seq: number): string => `/debts/${debtId}#entry-${seq}`

/** Where that is shown which the notification is about. */
export const newsHref = ({ kind, subject, data }: Notification): string =>
  data.seq === undefined || !inHistory.has(kind)
    ? `/debts/${subject.id}`
    : entryHref(subject.id, data.seq)

export const entryAnchor = ({ entry }: Line): string => `entry-${entry.seq}`

/** The line that the address names, once its page was read; it is scrolled to and focused once. */
export const useNamedEntry = (
  entries: ReturnType<typeof useEntries>,
  lines: readonly Line[],
): Line | undefined => {
  const hash = useLocationProperty(() => location.hash)
  const seq = Number(anchor.exec(hash)?.[1] ?? 0)
  const items = entries.data?.pages.flatMap((page) => page.items) ?? []
  const line = lineOf(lines, items, seq)
  const { hasNextPage, isFetching, isError, fetchNextPage } = entries
  const isOlder = seq > 0 && line === undefined && seq < (items.at(-1)?.seq ?? 0)
  const readsOn = isOlder && hasNextPage && (entries.data?.pages.length ?? 0) < pagesMax
  useEffect(() => {
    if (readsOn && !isFetching && !isError) void fetchNextPage()
  }, [readsOn, isFetching, isError, fetchNextPage])
  const shown = line === undefined ? undefined : entryAnchor(line)
  const followed = useRef('')
  useEffect(() => {
    // Once: a page that is read later must not move what somebody reads meanwhile.
    if (shown === undefined || followed.current === hash) return
    followed.current = hash
    const element = document.getElementById(shown)
    element?.scrollIntoView({ block: 'center' })
    element?.focus({ preventScroll: true })
  }, [shown, hash])
  return line
}

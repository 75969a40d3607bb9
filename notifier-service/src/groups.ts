/** Many notifications that say one thing become one line. Pure. */
import type { NotificationGroup, StoredNotification } from '@quits/proto/feed'

/** One `mark` of a socket can name all of them. */
export const idsPerGroupMax = 80

/** Furthest from done first. */
const statuses = ['unseen', 'seen', 'read', 'archived'] as const

/** What has to be equal: "3 payments from Ana" has one subject, one act and one actor. */
const keyOf = ({ subject, kind, actor, data, muted }: StoredNotification): string =>
  JSON.stringify([subject.type, subject.id, kind, data.kind, data.status, actor, muted])

/**
 * What belongs together, newest first, as at most `limit` lines; and how many items they took. The
 * first item that would need one line more ends the page, so that the next one begins with it.
 */
export const linesOf = (
  items: StoredNotification[],
  limit: number,
): { lines: StoredNotification[][]; taken: number } => {
  const lines: StoredNotification[][] = []
  /** The line of each key that has room. */
  const open = new Map<string, StoredNotification[]>()
  for (const [index, item] of items.entries()) {
    const key = keyOf(item)
    const line = open.get(key)
    if (line !== undefined && line.length < idsPerGroupMax) {
      line.push(item)
      continue
    }
    if (lines.length === limit) return { lines, taken: index }
    const fresh = [item]
    lines.push(fresh)
    open.set(key, fresh)
  }
  return { lines, taken: items.length }
}

/** What a line says of its notifications, newest first. */
export const groupOf = (line: StoredNotification[]): NotificationGroup => {
  const [newest] = line
  if (newest === undefined) throw new RangeError('a line has at least one notification')
  const status = statuses.find((each) => line.some((item) => item.status === each))
  return {
    count: line.length,
    ids: line.map(({ id }) => id),
    newest,
    status: status ?? newest.status,
  }
}

/** Many notifications that say one thing become one line. Pure. */
import type { NotificationGroup, StoredNotification } from '@quits/proto/feed'

/** One `mark` of a socket can name all of them. */
export const idsPerGroupMax = 80

/** Furthest from done first. */
const statuses = ['unseen', 'seen', 'read', 'archived'] as const

/** What has to be equal: "3 payments from Ana" has one subject, one act and one actor. */
const keyOf = ({ subject, kind, actor, data, muted }: StoredNotification): string =>
  JSON.stringify([subject.type, subject.id, kind, data.kind, data.status, actor, muted])

/** Of what was entered in one act: that act, whatever it did to which debt. An answer is another. */
const actOf = ({ kind, actor, data, muted }: StoredNotification): string | undefined =>
  data.bundle === undefined || kind === 'transaction.resolved'
    ? undefined
    : JSON.stringify([data.bundle, data.status, actor, muted])

/** The acts that did several things; one that did a single thing is like any other of its kind. */
const severalOf = (items: StoredNotification[]): Set<string> => {
  const met = new Set<string>()
  const several = new Set<string>()
  for (const act of items.map(actOf)) {
    if (act === undefined) continue
    if (met.has(act)) several.add(act)
    met.add(act)
  }
  return several
}

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
  const several = severalOf(items)
  for (const [index, item] of items.entries()) {
    const act = actOf(item)
    const key = act !== undefined && several.has(act) ? act : keyOf(item)
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
    ...togetherOf(line),
  }
}

const togetherOf = (line: StoredNotification[]): Pick<NotificationGroup, 'together'> => {
  const [first, ...others] = line.map(actOf)
  if (others.length === 0 || first === undefined || others.some((act) => act !== first)) return {}
  const undoes = line.some(({ data }) => data.kind === 'reversal')
  return { together: undoes ? 'correction' : 'payment' }
}

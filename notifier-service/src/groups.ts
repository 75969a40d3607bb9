/** Many notifications that say one thing become one line. Pure. */
import type { NotificationGroup, StoredNotification } from '@quits/proto/feed'

/** One `mark` of a socket can name all of them. */
export const idsPerGroupMax = 80

/** Furthest from done first. */
const statuses = ['unseen', 'seen', 'read', 'archived'] as const

/** What has to be equal: "3 payments from Ana" has one subject, one act and one actor. */
const keyOf = ({ subject, kind, actor, data, muted }: StoredNotification): string =>
  JSON.stringify([
    subject.type,
    subject.id,
    kind,
    data.kind,
    data.status,
    data.replaces !== undefined,
    actor,
    muted,
  ])

const entries = new Set(['transaction.posted', 'transaction.proposed'])

/** The act in which an entry was written, if it may have written several. An answer is another act. */
const actOf = ({ kind, actor, data, muted }: StoredNotification): string | undefined =>
  data.bundle === undefined || !entries.has(kind)
    ? undefined
    : JSON.stringify([data.bundle, kind, actor, muted])

/** What an act was, by its entries; undefined where each of them speaks for itself. */
const togetherOf = (act: StoredNotification[]): NotificationGroup['together'] => {
  const kinds = act.map(({ data }) => data.kind)
  const debts = new Set(act.map(({ subject }) => subject.id))
  const undone = kinds.filter((kind) => kind === 'reversal').length
  if (act.length === 2 && debts.size === 1 && undone === 1) return 'correction'
  const isPayment = kinds.every((kind) => kind === 'repayment') && debts.size === act.length
  return isPayment && act.length > 1 ? 'payment' : undefined
}

/** The acts among these that are a line of their own. */
const actsIn = (items: StoredNotification[]): Set<string> => {
  const acts = new Set<string>()
  for (const [act, its] of Map.groupBy(items, actOf)) {
    if (act !== undefined && togetherOf(its) !== undefined) acts.add(act)
  }
  return acts
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
  const acts = actsIn(items)
  for (const [index, item] of items.entries()) {
    const act = actOf(item)
    const key = act !== undefined && acts.has(act) ? act : keyOf(item)
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
  const [act, ...others] = new Set(line.map(actOf))
  const together = act === undefined || others.length > 0 ? undefined : togetherOf(line)
  const status = statuses.find((each) => line.some((item) => item.status === each))
  return {
    count: line.length,
    ids: line.map(({ id }) => id),
    newest,
    status: status ?? newest.status,
    ...(together === undefined ? {} : { together }),
  }
}

/** Many notifications that say one thing become one line. Pure. */
import type { NotificationGroup, StoredNotification } from '@quits/proto/feed'

/** One `mark` of a socket can name all of them. */
export const idsPerGroupMax = 80

/** Furthest from done first. */
const statuses = ['unseen', 'seen', 'read', 'archived'] as const

/** What has to be equal: "3 payments from Ana" has one subject, one act and one actor. */
const keyOf = ({ subject, kind, actor, data, muted }: StoredNotification): string =>
  JSON.stringify([subject.type, subject.id, kind, data.kind, data.status, actor, muted])

/** Neighbours that belong together, in the order given. */
export const runsOf = (items: StoredNotification[]): StoredNotification[][] => {
  const runs: StoredNotification[][] = []
  for (const item of items) {
    const run = runs.at(-1)
    const [first] = run ?? []
    const goesOn = first !== undefined && keyOf(first) === keyOf(item)
    if (run !== undefined && goesOn && run.length < idsPerGroupMax) run.push(item)
    else runs.push([item])
  }
  return runs
}

/** The line for a run, newest first. */
export const groupOf = (run: StoredNotification[]): NotificationGroup => {
  const [newest] = run
  if (newest === undefined) throw new RangeError('a run has at least one notification')
  const status = statuses.find((each) => run.some((item) => item.status === each))
  return {
    count: run.length,
    ids: run.map(({ id }) => id),
    newest,
    status: status ?? newest.status,
  }
}

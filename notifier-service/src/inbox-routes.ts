/** Pages of notifications, marks and preferences. */
import { type Cursor, markStatus, preferences } from '@quits/proto/feed'
import { z } from 'zod'
import type { FeedStore } from './feed-store.ts'
import type { Filter, InboxStore, Marked } from './inbox-store.ts'
import type { Mark } from './mark.ts'
import { distinct } from './muting.ts'
import type { Preferring, PreferenceStore } from './preference-store.ts'
import { RefusalError } from './problems.ts'
import { type Answer, type Caller, type Handler, parse } from './request.ts'

const pageLengthMax = 100
const pageLength = 20
const idsPerPageMax = 80

const idList = z
  .string()
  .max(8_000)
  .transform((text) => text.split(','))
  .pipe(z.array(z.string().min(1).max(128)).max(idsPerPageMax))

const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(pageLengthMax).default(pageLength),
  /** `<epoch>.<seq>`: the page begins below that seq. */
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}\.[1-9]\d{0,14}$/)
    .optional(),
  /** Who acted. */
  person: z.uuid().optional(),
  debt: z.uuid().optional(),
  kind: z.string().min(1).max(64).optional(),
  /** `unread` is everything that is unseen or seen. */
  status: z.enum(['unseen', 'seen', 'read', 'archived', 'unread']).optional(),
  /** Exactly these, as a line of a grouped page names them. */
  ids: idList.optional(),
  grouped: z.enum(['true', 'false']).optional(),
})
const markBody = z.strictObject({
  ids: z.array(z.string().min(1).max(128)).min(1).max(200).optional(),
  upTo: z.int().nonnegative().optional(),
  status: markStatus,
})

export interface InboxDependencies {
  caller: Caller
  store: Pick<FeedStore, 'head'>
  inbox: Pick<InboxStore, 'page' | 'groupedPage' | 'named' | 'counts'>
  preferences: Pick<PreferenceStore, 'of' | 'put'>
  /** Word to the other processes that somebody prefers something else now. */
  tellPreferring: (userId: string) => void
  mark: Mark
}

export const makeInboxRoutes = (dependencies: InboxDependencies) => {
  const { caller, store, inbox } = dependencies

  const showPage: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    const { limit, cursor, ids, grouped, ...filter } = parse(pageQuery, request.query)
    const head = await store.head(userId)
    const place = { userId, epoch: head.epoch }
    const upTo = upToOf(cursor, head)
    const [page, counts] = await Promise.all([
      ids !== undefined
        ? inbox.named(place, ids)
        : (grouped === 'true' ? inbox.groupedPage : inbox.page)(place, {
            upTo,
            limit,
            filter: definedOf(filter),
          }),
      inbox.counts(userId, head),
    ])
    const next = page.below === undefined ? null : `${head.epoch}.${page.below}`
    return { status: 200, body: { items: page.items, next, counts } }
  }

  const markSome: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    const { ids, upTo, status } = parse(markBody, request.body ?? {})
    const counts = await dependencies.mark(userId, markedOf(ids, upTo), status)
    return { status: 200, body: { counts } }
  }

  const showPreferences: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    return preferringAnswer(await dependencies.preferences.of(userId))
  }

  const changePreferences: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    const { mutes } = parse(preferences, request.body ?? {})
    const expected = versionOf(request.get('if-match'))
    const changed = await dependencies.preferences.put(userId, distinct(mutes), expected)
    if (changed === undefined) throw new RefusalError('version_conflict')
    dependencies.tellPreferring(userId)
    return preferringAnswer(changed)
  }

  return { showPage, markSome, showPreferences, changePreferences }
}

const preferringAnswer = ({ version, mutes }: Preferring): Answer => ({
  status: 200,
  body: { mutes },
  etag: `"${version}"`,
})

/** The version that `If-Match` names; a name that is none of ours matches nothing. */
const versionOf = (ifMatch: string | undefined): number | undefined => {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined
  const [, digits] = /^\s*"(\d{1,15})"\s*$/.exec(ifMatch) ?? []
  return digits === undefined ? -1 : Number(digits)
}

const upToOf = (cursor: string | undefined, head: Cursor): number => {
  const [epoch = head.epoch, below = head.seq + 1] = cursor?.split('.').map(Number) ?? []
  if (epoch !== head.epoch) throw new RefusalError('invalid_request', 'cursor: of a former feed')
  return Math.min(head.seq, below - 1)
}

const markedOf = (ids: string[] | undefined, upTo: number | undefined): Marked => {
  if (ids !== undefined && upTo === undefined) return { ids }
  if (upTo !== undefined && ids === undefined) return { upTo }
  throw new RefusalError('invalid_request', 'exactly one of ids and upTo')
}

const definedOf = (query: { [K in keyof Filter]: Filter[K] | undefined }): Filter =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))

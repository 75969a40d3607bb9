/** Pages of notifications, marks and preferences. */
import { type Cursor, markStatus, preferences } from '@quits/proto/feed'
import { z } from 'zod'
import type { FeedStore } from './feed-store.ts'
import type { InboxStore, Marked } from './inbox-store.ts'
import type { Mark } from './mark.ts'
import { distinct } from './muting.ts'
import type { Preferring, PreferenceStore } from './preference-store.ts'
import { RefusalError } from './problems.ts'
import { type Answer, type Caller, type Handler, parse } from './request.ts'
import { denseFrom, resumeFrom } from './resume.ts'
import { parseEventId } from './streams/event-stream.ts'

const pageLengthMax = 100
const pageLength = 20
const idsPerPageMax = 80

const idList = z
  .string()
  .max(8_000)
  .transform((text) => text.split(','))
  .pipe(z.array(z.string().min(1).max(128)).max(idsPerPageMax))

/** A place in a feed as the stream's ids have it. */
const place = z.string().transform((text, context): Cursor => {
  const parsed = parseEventId(text)
  if (parsed !== undefined) return parsed
  context.addIssue('not a place of this feed')
  return z.NEVER
})

const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(pageLengthMax).default(pageLength),
  /** `<epoch>:<seq>`: the page begins below that seq, newest first. */
  cursor: place.optional(),
  /** The same, the other way: the page begins above that seq, oldest first, and has no hole. */
  since: place.optional(),
  /** Who acted. */
  person: z.uuid().optional(),
  debt: z.uuid().optional(),
  kind: z.string().min(1).max(64).optional(),
  /** `unread` is everything that is unseen or seen, `inbox` everything that is not archived. */
  status: z.enum(['unseen', 'seen', 'read', 'archived', 'unread', 'inbox']).optional(),
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
  inbox: Pick<InboxStore, 'page' | 'groupedPage' | 'range' | 'named' | 'counts'>
  preferences: Pick<PreferenceStore, 'of' | 'put'>
  /** Word to the other processes that somebody prefers something else now. */
  tellPreferring: (userId: string) => void
  mark: Mark
}

export const makeInboxRoutes = (dependencies: InboxDependencies) => {
  const { caller, store, inbox } = dependencies

  /** What a device that has everything up to `since` misses: all of it in order, or an honest no. */
  const showMissed = async (userId: string, since: Cursor, head: Cursor, limit: number) => {
    const at = { userId, epoch: head.epoch }
    const isBehind = since.epoch === head.epoch && since.seq < head.seq
    const upTo = Math.min(head.seq, since.seq + limit)
    const rows = isBehind ? await inbox.range(at, since.seq, upTo) : []
    const items = denseFrom(rows, since.seq)
    if (resumeFrom(since, head, items.length > 0).how !== 'replay') throw new RefusalError('gap')
    const reached = items.at(-1)?.seq ?? since.seq
    const here = `${head.epoch}:${reached}`
    const counts = await inbox.counts(userId, head)
    // A list that ends still says where: to ask again from there is how a program polls.
    const next = reached < head.seq ? here : null
    return { status: 200, body: { items, next, place: here, counts } }
  }

  const showPage: Handler = async (request) => {
    const { userId } = await caller(request, { fresh: false })
    const { limit, since, ...wish } = parse(pageQuery, request.query)
    const head = await store.head(userId)
    if (since !== undefined) {
      const isPlain = Object.keys(definedOf(wish)).length === 0
      if (!isPlain) throw new RefusalError('invalid_request', 'since: goes with limit alone')
      return showMissed(userId, since, head, limit)
    }
    const { cursor, ids, grouped, ...filter } = wish
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
    const next = page.below === undefined ? null : `${head.epoch}:${page.below}`
    const here = `${head.epoch}:${head.seq}`
    return { status: 200, body: { items: page.items, next, place: here, counts } }
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

const upToOf = (cursor: Cursor | undefined, head: Cursor): number => {
  if (cursor === undefined) return head.seq
  if (cursor.epoch !== head.epoch) {
    throw new RefusalError('invalid_request', 'cursor: of a former feed')
  }
  return Math.min(head.seq, cursor.seq - 1)
}

const markedOf = (ids: string[] | undefined, upTo: number | undefined): Marked => {
  if (ids !== undefined && upTo === undefined) return { ids }
  if (upTo !== undefined && ids === undefined) return { upTo }
  throw new RefusalError('invalid_request', 'exactly one of ids and upTo')
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const definedOf = <T extends object>(query: T): Defined<T> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Defined<T>

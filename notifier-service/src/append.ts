/**
 * How a notification gets its place: dense numbers from 1 in each feed, without a counter.
 *
 * Claim: the seqs in use of one (user, epoch) are always one interval that grows at its upper end
 * by one and shrinks at its lower end only, whatever crashes, races or comes twice.
 * - A row goes to head + 1, where the head is a row that a majority had (read so, or acked so).
 *   Several rows of one user go in one *ordered* insert, which stops at its first refusal; an
 *   unordered insert holds one row per user. So seq n + 1 is never written before n stands: no hole.
 *   An ordered insert may hold several users, each one's rows whole: what comes after a refusal
 *   waits for the next round, whoever's it is.
 * - The unique index (userId, epoch, seq) is the referee of races: of two writers at one place
 *   one is refused, forgets its head, reads it again and tries above. No counter document exists
 *   that could be ahead of the rows after a crash.
 * - A head in memory can be too low (another process wrote), never too high: it is what a majority
 *   has acked or answered, and is forgotten when a turn fails or is refused. Too low means refused,
 *   not wrong, because the places above it are taken. They would be free again only if retention had
 *   swept them; memory of a head lives at most ten minutes after its question, retention leaves rows
 *   for days and the newest one for ever. So a number is never used again.
 * - A redelivered event is refused by its `_id`, which holds user, epoch and event. Whoever was
 *   refused is looked for in the store before the next try, and dropped if it is there; should a
 *   rival store it between that look and the insert, it is refused and looked for again. So nothing
 *   is stored twice, and an event that comes for the first time costs no look.
 * - A feed that was rebuilt meanwhile has another epoch, which a head in memory does not know. So
 *   each turn learns afterwards which feeds were switched lately, and stores again what went into a
 *   former epoch. An answer holds for `switchesHoldMs`, so a turn may not see a switch that is younger
 *   than this; a rebuild waits for longer after its switch before it reads the journal and the former
 *   epoch once more, and finds there whatever such a turn has stored.
 * - Kafka's offset is committed after this resolves. A crash before that brings the events again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs } from '@quits/kit/backoff'
import type { Cursor } from '@quits/proto/feed'
import { type FeedRow, type FeedStore, rowId, rowOf } from './feed-store.ts'
import { headAgeMsMax, type Heads } from './heads.ts'
import type { Draft } from './notifications.ts'
import { chunksOf } from './parallel.ts'

/** Two ingesters that meet at one feed settle it in two or three rounds. */
const roundsMax = 10
const roundBackoff = { baseMs: 5, delayMsMax: 200 }
const rowsPerInsertMax = 500
/** A head that does not know of a switch is younger than `headAgeMsMax`; the rest is for clocks. */
const lookBackMs = 2 * headAgeMsMax
const switchesMax = 3
/** For so long nobody asks again which feeds were switched. */
export const switchesHoldMs = 100

/** What waits for a place, by user, in the order of its events. */
type Waiting = Map<string, Draft[]>

/** Known as the objects they are: a Set of fresh ids would leave each id in V8's table of strings. */
interface Placed {
  draft: Draft
  row: FeedRow
}

export interface Appended {
  /** Rows of this call that stand, in order for each user; at most one for each draft. */
  rows: FeedRow[]
  /** The head of every user that was named, new rows or not: a repeat must hint again. */
  heads: Map<string, Cursor>
}

export type Append = (drafts: Draft[]) => Promise<Appended>

/** Stores each draft once at the end of its reader's feed. Rejects with nothing half-known. */
export const makeAppend = (options: {
  store: Pick<FeedStore, 'existing' | 'insert' | 'rebuiltSince'>
  heads: Heads
  /** Told what stands as soon as it does, in order for each user; rows of a former epoch, too. */
  onStored?: (rows: FeedRow[]) => void
  now: () => number
  /** How old the answer may be by which a turn goes, in milliseconds; a test has a longer one. */
  switchesHoldMs?: number
}): Append => {
  const { store, heads } = options
  const holdMs = options.switchesHoldMs ?? switchesHoldMs
  let asked = { atMs: Number.NEGATIVE_INFINITY, wallMs: 0, rebuilt: new Map<string, number>() }

  /** The feeds that were switched lately, as of `holdMs` ago or later. */
  const rebuiltLately = async (): Promise<Map<string, number>> => {
    // Nobody sets the first of these clocks, and the other one goes on while the machine sleeps.
    const [atMs, wallMs] = [performance.now(), options.now()]
    const ageMs = Math.max(atMs - asked.atMs, Math.abs(wallMs - asked.wallMs))
    if (ageMs < holdMs) return asked.rebuilt
    const rebuilt = await store.rebuiltSince(new Date(wallMs - lookBackMs))
    asked = { atMs, wallMs, rebuilt }
    return rebuilt
  }

  /** Drops what is stored already. */
  const missing = async (waiting: Waiting, known: Map<string, Cursor>): Promise<Waiting> => {
    const idOf = (draft: Draft) =>
      rowId(draft.userId, known.get(draft.userId)?.epoch ?? 1, draft.content.id)
    const stored = await store.existing([...waiting.values()].flat().map(idOf))
    return groupByUser([...waiting.values()].flat().filter((draft) => !stored.has(idOf(draft))))
  }

  /** Each at the place that it would have, by user. */
  const placed = (waiting: Waiting, known: Map<string, Cursor>): Placed[][] => {
    const storedAt = new Date(options.now())
    return [...waiting].map(([userId, drafts]) => {
      const { epoch, seq } = known.get(userId) ?? { epoch: 1, seq: 0 }
      return drafts.map((draft, index) => ({
        draft,
        row: rowOf(draft, { epoch, seq: seq + 1 + index }, storedAt),
      }))
    })
  }

  /** One try for everybody, a run of rows each: returns the rows that were refused. */
  const insertAll = async (runs: FeedRow[][]): Promise<Set<FeedRow>> => {
    const single = runs.filter((run) => run.length === 1).flat()
    const several = runs.filter((run) => run.length > 1)
    const inserts = [
      ...chunksOf(single, rowsPerInsertMax).map((rows) => ({ rows, ordered: false })),
      ...packed(several).map((rows) => ({ rows, ordered: true })),
    ]
    const refused = new Set<FeedRow>()
    // One after the other: two at once take the stand-in as long as four.
    for (const { rows, ordered } of inserts) {
      for (const row of await store.insert(rows, ordered)) refused.add(row)
    }
    return refused
  }

  const rounds = async (drafts: Draft[]): Promise<Appended> => {
    const appended: Appended = { rows: [], heads: new Map() }
    let waiting = groupByUser(drafts)
    for (let round = 0; round < roundsMax; round += 1) {
      const known = await heads.of([...waiting.keys()])
      for (const [userId, head] of known) appended.heads.set(userId, head)
      if (round > 0) waiting = await missing(waiting, known)
      if (waiting.size === 0) return appended

      const runs = placed(waiting, known)
      const refused = await insertAll(runs.map((run) => run.map(({ row }) => row)))
      const tried = runs.flat()
      const rows = tried.flatMap(({ row }) => (refused.has(row) ? [] : [row]))
      for (const row of rows) {
        appended.rows.push(row)
        appended.heads.set(row.userId, { epoch: row.epoch, seq: row.seq })
        heads.moved(row.userId, { epoch: row.epoch, seq: row.seq })
      }
      options.onStored?.(rows)
      waiting = groupByUser(tried.flatMap(({ draft, row }) => (refused.has(row) ? [draft] : [])))
      if (waiting.size === 0) return appended
      heads.forget(waiting.keys())
      await delay(backoffMs(roundBackoff, round, Math.random()))
    }
    throw new Error(`${waiting.size} feeds were contended in ${roundsMax} rounds`)
  }

  /**
   * Drafts of those who have a row, or only repeats, in an epoch that their feed has left. A turn that
   * was refused in the former one may have gone on in the new one: the head alone does not tell.
   */
  const leftBehind = async (drafts: Draft[], appended: Appended): Promise<Draft[]> => {
    const rebuilt = await rebuiltLately()
    if (rebuilt.size === 0) return []
    const places = [
      ...appended.rows,
      ...[...appended.heads].map(([userId, { epoch }]) => ({ userId, epoch })),
    ]
    const behind = new Set(
      places
        .filter(({ userId, epoch }) => epoch < (rebuilt.get(userId) ?? 0))
        .map(({ userId }) => userId),
    )
    return drafts.filter(({ userId }) => behind.has(userId))
  }

  const storeAll = async (drafts: Draft[]): Promise<Appended> => {
    const appended = await rounds(drafts)
    for (let switches = 0; switches < switchesMax; switches += 1) {
      const again = await leftBehind(drafts, appended)
      if (again.length === 0) return appended
      heads.forget(new Set(again.map((draft) => draft.userId)))
      const moved = await rounds(again)
      for (const [userId, head] of moved.heads) appended.heads.set(userId, head)
      // What they have in the former epoch nobody reads.
      const current = appended.rows.filter(
        ({ userId, epoch }) => epoch === appended.heads.get(userId)?.epoch,
      )
      appended.rows = [...current, ...moved.rows]
    }
    throw new Error(`feeds were switched ${switchesMax} times within one turn`)
  }

  return async (drafts) => {
    try {
      return await storeAll(drafts)
    } catch (error) {
      // What was stored is not known: no head of this turn may be trusted.
      heads.forget(drafts.map((draft) => draft.userId))
      throw error
    }
  }
}

/** Runs put together, each whole: an insert is a question and a wait for the disk. */
const packed = (runs: FeedRow[][]): FeedRow[][] => {
  const packs: FeedRow[][] = []
  for (const run of runs) {
    const open = packs.at(-1)
    if (open === undefined || open.length + run.length > rowsPerInsertMax) packs.push([...run])
    else open.push(...run)
  }
  return packs
}

/** By user, in order; of two drafts of one event the first counts. */
const groupByUser = (drafts: Draft[]): Waiting => {
  const groups = Map.groupBy(drafts, ({ userId }) => userId)
  for (const [userId, some] of groups) if (some.length > 1) groups.set(userId, firstOfEach(some))
  return groups
}

const firstOfEach = (drafts: Draft[]): Draft[] => {
  const seen = new Set<string>()
  return drafts.filter(({ content: { id } }) => !seen.has(id) && seen.add(id))
}

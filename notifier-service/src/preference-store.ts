/**
 * What people prefer, in MongoDB, and as ingest needs it: remembered, because it asks for every
 * reader of every event. A change is told to the other processes; where that word is lost, the
 * memory ends by itself after a minute. Whoever is gone is remembered here, too: who stores for a
 * person asks for their wishes anyway.
 */
import { scatteredMs } from '@quits/kit/backoff'
import { type BoundedCache, makeBoundedCache } from '@quits/kit/bounded-cache'
import type { Mute } from '@quits/proto/feed'
import { type Db, MongoServerError } from 'mongodb'
import { idsPerFindMax } from './feed-store.ts'
import { chunksOf, inParallel } from './parallel.ts'

/** `version` counts the changes; a person who never changed anything has none and version 0. */
interface PreferenceRow {
  _id: string
  version: number
  mutes: Mute[]
  /** When the person's account went; nothing is stored for them any more. */
  erasedAt?: Date
}
export type Preferring = Pick<PreferenceRow, 'version' | 'mutes'>

/** As ingest needs it. */
interface Wish {
  mutes: Mute[]
  isErased: boolean
}

const usersMax = 50_000
/** At most: those that were read together are not all read again together. */
const rememberMsMax = 60_000
const findsInFlightMax = 4
const changeTriesMax = 5
const duplicateKey = 11_000
const noWish: Wish = { mutes: [], isErased: false }

export type PreferenceStore = ReturnType<typeof makePreferenceStore>

export const makePreferenceStore = (database: Db, now: () => number) => {
  const rows = database.collection<PreferenceRow>('preferences')
  const known: BoundedCache<Wish> = makeBoundedCache({ entriesMax: usersMax, now })
  /** Rises with each change: a read that began before it must not be remembered. */
  let changes = 0

  const of = async (userId: string): Promise<Preferring> => {
    const row = await rows.findOne({ _id: userId })
    return { version: row?.version ?? 0, mutes: row?.mutes ?? [] }
  }

  const forget = (userId: string): void => {
    changes += 1
    known.delete(userId)
  }

  /** True when the row was at `version` and is one further now. */
  const replace = async (
    userId: string,
    version: number,
    mutes: Mute[],
    mark: Pick<PreferenceRow, 'erasedAt'> = {},
  ): Promise<boolean> => {
    if (version > 0) {
      const change = { $set: { mutes, version: version + 1, ...mark } }
      return (await rows.updateOne({ _id: userId, version }, change)).matchedCount === 1
    }
    try {
      await rows.insertOne({ _id: userId, version: 1, mutes, ...mark })
      return true
    } catch (error) {
      if (error instanceof MongoServerError && error.code === duplicateKey) return false
      throw error
    }
  }

  const wishesOf = async (userIds: string[]): Promise<Map<string, Wish>> => {
    const wishes = new Map<string, Wish>()
    const asked = userIds.filter((userId) => {
      const remembered = known.get(userId)
      if (remembered !== undefined) wishes.set(userId, remembered)
      return remembered === undefined
    })
    const changesBefore = changes
    const found = await inParallel(chunksOf(asked, idsPerFindMax), findsInFlightMax, (some) =>
      rows.find({ _id: { $in: some } }).toArray(),
    )
    for (const row of found.flat()) {
      wishes.set(row._id, { mutes: row.mutes, isErased: row.erasedAt !== undefined })
    }
    if (changes === changesBefore) {
      for (const userId of asked) {
        const forMs = scatteredMs(rememberMsMax, Math.random())
        known.set(userId, wishes.get(userId) ?? noWish, forMs)
      }
    }
    return wishes
  }

  return {
    of,
    forget,

    /** Replaces what is preferred; undefined when it is not at `expected` any more. */
    async put(
      userId: string,
      mutes: Mute[],
      expected: number | undefined,
    ): Promise<Preferring | undefined> {
      for (let attempt = 0; attempt < changeTriesMax; attempt += 1) {
        const { version } = await of(userId)
        if (expected !== undefined && expected !== version) return undefined
        if (await replace(userId, version, mutes)) {
          forget(userId)
          return { version: version + 1, mutes }
        }
      }
      throw new Error(`preferences were contended ${changeTriesMax} times`)
    },

    /** Leaves nothing of a person but the mark that they are gone. Safe to repeat. */
    async erase(userId: string): Promise<void> {
      const erasedAt = new Date(now())
      for (let attempt = 0; attempt < changeTriesMax; attempt += 1) {
        const { version } = await of(userId)
        if (await replace(userId, version, [], { erasedAt })) return forget(userId)
      }
      throw new Error(`preferences were contended ${changeTriesMax} times`)
    },

    /** Mutes of these users; a user without any may be missing. */
    async mutesOf(userIds: string[]): Promise<Map<string, Mute[]>> {
      const wishes = await wishesOf(userIds)
      return new Map([...wishes].map(([userId, { mutes }]) => [userId, mutes]))
    },

    /** Who of these is gone. */
    async erasedAmong(userIds: string[]): Promise<Set<string>> {
      const wishes = await wishesOf(userIds)
      return new Set([...wishes].flatMap(([userId, { isErased }]) => (isErased ? [userId] : [])))
    },
  }
}

/**
 * What people prefer, in MongoDB. Whoever is gone is marked here, too: who stores for a person asks
 * for their wishes anyway (`wishes.ts` remembers them). Whoever changes something tells the other
 * processes (`hints.ts`), which `forget` it.
 */
import type { Mute } from '@quits/proto/feed'
import { type Db, MongoServerError } from 'mongodb'
import { idsPerFindMax } from './feed-store.ts'
import { noWish, type Wish } from './muting.ts'
import { chunksOf, inParallel } from './parallel.ts'
import { makeWishes } from './wishes.ts'

/** `version` counts the changes; a person who never changed anything has none and version 0. */
interface PreferenceRow {
  _id: string
  version: number
  mutes: Mute[]
  /** When the person's account went; nothing is stored for them any more. */
  erasedAt?: Date
}
export type Preferring = Pick<PreferenceRow, 'version' | 'mutes'>

const findsInFlightMax = 4
const changeTriesMax = 5
const duplicateKey = 11_000

export type PreferenceStore = ReturnType<typeof makePreferenceStore>

export const makePreferenceStore = (database: Db, now: () => number) => {
  const rows = database.collection<PreferenceRow>('preferences')
  const wishes = makeWishes({
    async read(userIds) {
      const found = await inParallel(chunksOf(userIds, idsPerFindMax), findsInFlightMax, (some) =>
        rows.find({ _id: { $in: some } }).toArray(),
      )
      return new Map(found.flat().map((row) => [row._id, wishIn(row)]))
    },
    now,
  })

  const of = async (userId: string): Promise<Preferring> => {
    const row = await rows.findOne({ _id: userId })
    return { version: row?.version ?? 0, mutes: row?.mutes ?? [] }
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

  return {
    of,
    forget: wishes.forget,

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
          wishes.forget(userId)
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
        if (await replace(userId, version, [], { erasedAt })) return wishes.forget(userId)
      }
      throw new Error(`preferences were contended ${changeTriesMax} times`)
    },

    wishesOf: wishes.of,

    async wishOf(userId: string): Promise<Wish> {
      return (await wishes.of([userId])).get(userId) ?? noWish
    },
  }
}

const wishIn = (row: PreferenceRow): Wish => ({
  mutes: row.mutes,
  isErased: row.erasedAt !== undefined,
})

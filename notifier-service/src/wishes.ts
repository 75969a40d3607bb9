/**
 * What ingest must know of every reader of every event, remembered for a minute at most, because
 * word of a change may be lost. Who is asked for again and again is read anew beside the work, many
 * with one question, before that minute is over: nobody's notification waits for it.
 */
import { scatteredMs } from '@quits/kit/backoff'
import { type BoundedCache, makeBoundedCache } from '@quits/kit/bounded-cache'
import type { Mute } from '@quits/proto/feed'

export interface Wish {
  mutes: Mute[]
  /** The account is gone: nothing is stored for this person any more. */
  isErased: boolean
}

interface Remembered {
  wish: Wish
  renewFromMs: number
}

const usersMax = 50_000
const rememberMsMax = 60_000
/** At most: those that were read together are not all read again together. */
const renewAfterMsMax = 50_000
/** So long those wait for each other who are to be read anew. */
const renewEveryMs = 1_000
const noWish: Wish = { mutes: [], isErased: false }

/** `read` finds wishes in the store; who has none may be missing there. */
export const makeWishes = (options: {
  read: (userIds: string[]) => Promise<Map<string, Wish>>
  now: () => number
}) => {
  const { read, now } = options
  const known: BoundedCache<Remembered> = makeBoundedCache({ entriesMax: usersMax, now })
  /** Who was asked for and is to be read anew; they are in the cache, so no more than fit there. */
  const ageing = new Set<string>()
  let renewal: NodeJS.Timeout | undefined
  /** Rises with each change: a read that began before it must not be remembered. */
  let changes = 0

  const learn = async (userIds: string[]): Promise<Map<string, Wish>> => {
    const changesBefore = changes
    const found = await read(userIds)
    if (changes === changesBefore) {
      for (const userId of userIds) {
        const wish = found.get(userId) ?? noWish
        const renewFromMs = now() + scatteredMs(renewAfterMsMax, Math.random())
        known.set(userId, { wish, renewFromMs }, rememberMsMax)
      }
    }
    return found
  }

  const renew = async () => {
    const userIds = [...ageing]
    ageing.clear()
    // Whoever needs one of them later asks again, and hears of the failure then.
    await learn(userIds).catch(() => undefined)
    renewal = undefined
  }

  return {
    /** Wishes of these users; who has none may be missing. */
    async of(userIds: string[]): Promise<Map<string, Wish>> {
      const wishes = new Map<string, Wish>()
      const unknown: string[] = []
      for (const userId of userIds) {
        const remembered = known.get(userId)
        if (remembered === undefined) unknown.push(userId)
        else {
          wishes.set(userId, remembered.wish)
          if (remembered.renewFromMs <= now()) ageing.add(userId)
        }
      }
      if (ageing.size > 0) renewal ??= setTimeout(() => void renew(), renewEveryMs).unref()
      if (unknown.length > 0) for (const [id, wish] of await learn(unknown)) wishes.set(id, wish)
      return wishes
    },
    forget(userId: string): void {
      changes += 1
      known.delete(userId)
    },
  }
}

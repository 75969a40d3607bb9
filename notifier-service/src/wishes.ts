/**
 * What ingest must know of every reader of every event, remembered for a minute at most, because
 * word of a change may be lost. Who is asked for every twenty seconds or oftener is read anew beside
 * the work before that minute is over, together with others: no event waits for it.
 */
import { scatteredMs } from '@quits/kit/backoff'
import { type BoundedCache, makeBoundedCache } from '@quits/kit/bounded-cache'
import { noWish, type Wish } from './muting.ts'
import { makeRenewals } from './renewals.ts'

interface Remembered {
  wish: Wish
  /** When it was asked for, in Unix milliseconds: it may have changed since. */
  askedAtMs: number
  renewFromMs: number
}

const usersMax = 50_000
const rememberMsMax = 60_000
/** At most: those that were read together are not all read again together. */
const renewAfterMsMax = 40_000

/** `read` finds wishes in the store; who has none may be missing there. */
export const makeWishes = (options: {
  read: (userIds: string[]) => Promise<Map<string, Wish>>
  now: () => number
}) => {
  const { read, now } = options
  const known: BoundedCache<Remembered> = makeBoundedCache({ entriesMax: usersMax, now })
  /** Rises with each change: a read that began before it must not be remembered. */
  let changes = 0

  const learn = async (userIds: string[]): Promise<Map<string, Wish>> => {
    const changesBefore = changes
    const askedAtMs = now()
    const found = await read(userIds)
    if (changes !== changesBefore) return found
    const lifeMs = askedAtMs + rememberMsMax - now()
    for (const userId of userIds) {
      // A reading that took long was overtaken by a later one.
      if ((known.get(userId)?.askedAtMs ?? 0) > askedAtMs) continue
      const renewFromMs = askedAtMs + scatteredMs(renewAfterMsMax, Math.random())
      known.set(userId, { wish: found.get(userId) ?? noWish, askedAtMs, renewFromMs }, lifeMs)
    }
    return found
  }

  const renew = makeRenewals(learn)

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
          if (remembered.renewFromMs <= now()) renew(userId)
        }
      }
      if (unknown.length === 0) return wishes
      return new Map([...wishes, ...(await learn(unknown))])
    },
    forget(userId: string): void {
      changes += 1
      known.delete(userId)
    },
  }
}

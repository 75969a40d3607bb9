/** Where this browser is in a person's feed, kept between visits. It only ever moves forward. */
import type { Cursor } from '@quits/proto/feed'

export interface Cursors {
  load: () => Cursor | undefined
  save: (cursor: Cursor) => void
}

type Shelf = Pick<Storage, 'getItem' | 'setItem'>

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const parse = (text: string | null): Cursor | undefined => {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Cursor> | null
    if (!isCount(value?.epoch) || !isCount(value.seq)) return undefined
    return { epoch: value.epoch, seq: value.seq }
  } catch {
    return undefined
  }
}

/**
 * The cursor of one user on `shelf`. Tabs share it: a tab that lags behind never pulls it back
 * within an epoch. A shelf that refuses (private mode) costs only the catching up.
 */
export const makeCursors = (shelf: Shelf, userId: string): Cursors => {
  const name = `quits.cursor.${userId}`
  const load = (): Cursor | undefined => {
    try {
      return parse(shelf.getItem(name))
    } catch {
      return undefined
    }
  }
  return {
    load,
    save(cursor) {
      const known = load()
      if (known?.epoch === cursor.epoch && known.seq >= cursor.seq) return
      try {
        shelf.setItem(name, JSON.stringify(cursor))
      } catch {
        // Full or forbidden storage: this tab still has its own place in memory.
      }
    },
  }
}

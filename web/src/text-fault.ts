/** What is wrong with a text or a day before anybody is asked to keep it. Pure. */
import { fill, t } from './messages/say.ts'
import { limits } from './limits.ts'

// The same as the ledger refuses: control characters forge lines, directional overrides forge names.
const unreadable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** The text as it would be kept. */
const kept = (text: string): string => text.normalize('NFC').trim()

/** A fault of what was typed so far; an empty text has none. */
export const textFault = (text: string, lengthMax: number): string | undefined => {
  const over = kept(text).length - lengthMax
  if (over > 0) return fill(t.textFaults.long, { max: String(lengthMax), over: String(over) })
  return unreadable.test(kept(text)) ? t.textFaults.unreadable : undefined
}

/** What is left is told from the last fifth of the room on. */
const partsOfRoom = 5

/** What is left of the room, once most of it is used. */
export const roomLeft = (text: string, lengthMax: number): string | undefined => {
  const left = lengthMax - kept(text).length
  if (left < 0 || left * partsOfRoom > lengthMax) return undefined
  return fill(t.textFaults.left, { left: String(left) })
}

/** A fault of a day that was chosen, `YYYY-MM-DD`; no day has none. */
export const dayFault = (day: string, latest: string | undefined): string | undefined => {
  if (day === '') return undefined
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day < limits.earliestOn) return t.dayFaults.early
  return latest !== undefined && day > latest ? t.dayFaults.late : undefined
}

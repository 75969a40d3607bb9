/**
 * Journal rows of a debt back into the events they made, for one reader. Pure. Everything an event
 * says follows from the rows but two things, which nobody builds on: the book's version counts
 * changes of words, too (here it is the seq), and seats are as they are today.
 */
import type { BookEvent } from '@quits/proto/books'
import type { Book } from '../transactions/book.ts'
import type { Row } from '../transactions/journal.ts'
import { eventOf } from './events.ts'

type JournalRow = Omit<Row, 'postings'>
type Effect = 'opened' | 'closed' | 'reopened'
type Standing = 'proposed' | 'open' | 'settled' | 'over'

/** From when on this person is told of the book: see `isTold`. */
export interface Reader {
  userId: string
  /** RFC 3339; undefined for somebody who was known before the book began. */
  knownSince: string | undefined
  /** Whether they took a free seat by an invitation. */
  tookSeat: boolean
  /** People whose acts do not reach this person. */
  blocked: ReadonlySet<string>
}

/** The rows of one command: its key is on the first of them, the others share its bundle. */
const commandsOf = (rows: JournalRow[]): JournalRow[][] => {
  const commands: JournalRow[][] = []
  for (const row of rows) {
    const last = commands.at(-1)?.at(-1)
    const goesOn =
      row.key === undefined &&
      last?.at === row.at &&
      (last.bundle === row.bundle || row.resolves === last.seq)
    if (goesOn) commands.at(-1)?.push(row)
    else commands.push([row])
  }
  return commands
}

const standingAfter = (before: Standing | undefined, row: JournalRow): Standing => {
  if (before === 'over') return 'over'
  if (row.resolves === 1 && row.kind !== 'accepted') return 'over'
  const isProposed = row.seq === 1 ? row.status === 'pending' : before === 'proposed'
  if (isProposed && row.kind !== 'accepted') return 'proposed'
  return row.balanceMinor === 0n ? 'settled' : 'open'
}

const effectOf = (before: Standing | undefined, after: Standing): Effect | undefined => {
  if (before === after) return undefined
  if (after === 'settled') return 'closed'
  if (after !== 'open') return undefined
  return before === 'settled' ? 'reopened' : 'opened'
}

/**
 * Somebody who took a free seat is told from then on; somebody whose address was asked before it
 * was theirs, of the opening and of what came after they had proved it.
 */
const isTold = (row: JournalRow, reader: Reader, takenAt: number): boolean => {
  if (reader.blocked.has(row.enteredBy)) return false
  if (takenAt > 0) return row.seq >= takenAt
  return row.seq === 1 || reader.knownSince === undefined || row.at >= reader.knownSince
}

/** The events that `reader` was told of, from all rows of the book in their order. */
export const eventsFor = (reader: Reader, book: Book, rows: JournalRow[]): BookEvent[] => {
  const taken = reader.tookSeat ? rows.find((row) => row.enteredBy === reader.userId) : undefined
  let standing: Standing | undefined
  return commandsOf(rows).flatMap((command) => {
    const before = standing
    for (const row of command) standing = standingAfter(standing, row)
    const made = new Set(command.map(({ seq }) => seq))
    return command.flatMap((row, index) => {
      if (!isTold(row, reader, taken?.seq ?? 0)) return []
      const isLast = index === command.length - 1
      const effect = isLast && standing !== undefined ? effectOf(before, standing) : undefined
      const silent = row.resolves !== undefined && made.has(row.resolves)
      return [eventOf(row, book, row.seq, effect, silent).event as BookEvent]
    })
  })
}

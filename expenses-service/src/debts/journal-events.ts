/**
 * Journal rows of a debt back into the events they made, for one reader. Pure. Everything an event
 * says follows from the rows but two things, which nobody builds on: the book's version counts
 * changes of words, too (here it is the seq), and seats are as they are today.
 */
import type { BookEvent } from '@quits/proto/books'
import type { Book } from '../transactions/book.ts'
import type { Row } from '../transactions/journal.ts'
import { type Block, isBlockedBy } from './block.ts'
import { eventOf, tellingOf } from './events.ts'

/** A row with the balance of the book before it; undefined for the first. */
export type JournalRow = Omit<Row, 'postings'> & { beforeMinor: bigint | undefined }
type Effect = 'opened' | 'closed' | 'reopened'
type Standing = 'proposed' | 'open' | 'settled' | 'over'

/** How a book began, and what was said to that. */
export interface Beginning {
  status: 'posted' | 'pending'
  answer: { seq: number; kind: string } | undefined
  /** The first row that the reader wrote, if they took a free seat by an invitation. */
  takenSeq: number | undefined
}

/** From when on this person is told of the book: see `isTold`. */
export interface Reader {
  userId: string
  /** RFC 3339; undefined for somebody who was known before the book began. */
  knownSince: string | undefined
  /** Whose acts did not reach this person, and when. */
  blocks: readonly Block[]
}

/** The rows of one command: its key is on the first of them, the others share its bundle. */
export const commandsOf = <R extends Omit<Row, 'postings'>>(rows: R[]): R[][] => {
  const commands: R[][] = []
  for (const row of rows) {
    const last = commands.at(-1)?.at(-1)
    const goesOn =
      row.key === undefined &&
      last?.bookId === row.bookId &&
      last.at === row.at &&
      (last.bundle === row.bundle || row.resolves === last.seq)
    if (goesOn) commands.at(-1)?.push(row)
    else commands.push([row])
  }
  return commands
}

/** How the debt stood once it had `seq` rows. Nothing before them is needed. */
const standingAt = (
  { status, answer }: Beginning,
  seq: number,
  balanceMinor: bigint | undefined,
): Standing | undefined => {
  if (balanceMinor === undefined) return undefined
  const isAnswered = answer !== undefined && answer.seq <= seq
  if (isAnswered && answer.kind !== 'accepted') return 'over'
  if (status === 'pending' && !isAnswered) return 'proposed'
  return balanceMinor === 0n ? 'settled' : 'open'
}

const effectOf = (
  before: Standing | undefined,
  after: Standing | undefined,
): Effect | undefined => {
  if (before === after) return undefined
  if (after === 'settled') return 'closed'
  if (after !== 'open') return undefined
  return before === 'settled' ? 'reopened' : 'opened'
}

/**
 * Somebody who took a free seat is told from then on; somebody whose address was asked before it
 * was theirs, of the opening and of what came after they had proved it. What somebody wrote while the
 * reader blocked them is not told, then or ever; a debt that they opened by itself would not be seen here.
 */
const isTold = (row: JournalRow, reader: Reader, takenAt: number): boolean => {
  const opensAlone = row.seq === 1 && row.bundle === undefined
  const isBlocked = isBlockedBy(reader.blocks, row.enteredBy, row.at)
  if (isBlocked && (takenAt > 0 || !opensAlone)) return false
  if (takenAt > 0) return row.seq >= takenAt
  return row.seq === 1 || reader.knownSince === undefined || row.at >= reader.knownSince
}

/** The events that `reader` was told of, of one command in this book. */
export const eventsFor = (
  reader: Reader,
  book: Book,
  beginning: Beginning,
  command: JournalRow[],
): BookEvent[] => {
  const [first] = command
  const last = command.at(-1)
  if (first === undefined || last === undefined) return []
  const before = standingAt(beginning, first.seq - 1, first.beforeMinor)
  const effect = effectOf(before, standingAt(beginning, last.seq, last.balanceMinor))
  const tell = tellingOf(command, effect)
  return command
    .filter((row) => isTold(row, reader, beginning.takenSeq ?? 0))
    .map((row) => eventOf(row, book, row.seq, tell(row)).event as BookEvent)
}

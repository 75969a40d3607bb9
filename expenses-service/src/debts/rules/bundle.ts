/**
 * What becomes of the rows that a command wants to write, in one book or in several: they post when
 * they worsen nobody's position but the author's, taken together; they post with a consent that was
 * given beforehand; or all of them wait. Pure.
 */
import { ledgerError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { append, type Book, type Change, type Draft } from '../../transactions/book.ts'
import type { Posting, Words } from '../../transactions/journal.ts'
import { consents } from '../../transactions/relation.ts'
import {
  type EntryKind,
  joined,
  movedBy,
  raisedBy,
  refuseTurnedSign,
  settledOrOpen,
  type Terms,
} from '../rules.ts'

/** One row that a command wants in a book: an entry, or the undoing of one. */
export interface Part {
  book: Book
  kind: EntryKind | 'reversal'
  amountMinor: bigint
  postings: Posting[]
  occurredOn: string
  reverses?: number
  words: Words | undefined
}

/** Somebody whom the parts, taken together, cost something. */
interface Payer {
  userId: string | undefined
  costMinor: bigint
  currency: string
  /** Agreed to be in each of the books. */
  joined: boolean
}

type Fate = { status: 'posted' } | { status: 'pending' } | { status: 'consented'; by: string }

/** Writes the parts of one command, or refuses all of them. */
export const enterAll = (parts: Part[], terms: Terms): Change[] => {
  const fate = fateOf(parts, terms)
  const together =
    parts.length > 1 || fate.status === 'consented' || terms.keyIn === undefined
      ? terms.bundle
      : undefined
  return byBook(parts).map((ofBook) => writeBook(ofBook, fate, together, terms))
}

const fateOf = (parts: Part[], { request, relationOf }: Terms): Fate => {
  const others = payersOf(parts, request.callerId)
  if (others.length === 0) return { status: 'posted' }
  const [only, ...more] = others
  if (only?.userId === undefined || !only.joined || more.length > 0) return { status: 'pending' }
  const cost = { minor: only.costMinor, currency: only.currency }
  return consents(relationOf(only.userId, request.callerId), cost)
    ? { status: 'consented', by: only.userId }
    : { status: 'pending' }
}

/** Everybody but the author whose net position the parts worsen. One who is only a name has no say. */
const payersOf = (parts: Part[], authorId: string): Payer[] => {
  const people = new Map<string, Payer>()
  for (const { book, postings } of parts) {
    for (const { no, userId, seat } of book.participants) {
      if (userId === authorId || seat === 'absent') continue
      const id = userId ?? `${book.id}:${no}`
      const known = people.get(id) ?? {
        userId,
        costMinor: 0n,
        currency: book.currency,
        joined: true,
      }
      people.set(id, {
        ...known,
        costMinor: known.costMinor - movedBy(postings, no),
        joined: known.joined && seat === 'joined',
      })
    }
  }
  return [...people.values()].filter(({ costMinor }) => costMinor > 0n)
}

/** The parts gathered by book, each with the rows that raise the balance first. */
const byBook = (parts: Part[]): Part[][] => {
  const books = new Map<string, Part[]>()
  for (const part of parts) books.set(part.book.id, [...(books.get(part.book.id) ?? []), part])
  return [...books.values()].map(raisingFirst)
}

/** Rows that raise the balance come first, so that no row shows a turned sign. */
export const raisingFirst = <T extends { postings: Posting[] }>(rows: T[]): T[] => {
  const raising = (row: T) => raisedBy(row.postings) > 0n
  return [...rows.filter(raising), ...rows.filter((row) => !raising(row))]
}

const writeBook = (parts: Part[], fate: Fate, bundle: string | undefined, terms: Terms): Change => {
  const [first] = parts
  if (first === undefined) throw ledgerError('internal')
  const { book } = first
  const { request, now } = terms
  refuseTurnedSign(
    book,
    parts.reduce((sum, { postings }) => sum + raisedBy(postings), 0n),
  )
  const waits = fate.status === 'pending'
  const seated = joined(book, request.callerId)
  refuseTooMany(seated, parts.length, waits)
  const entries = parts.map((part) => entryDraft(part, fate, bundle, request.callerId))
  const acceptances =
    fate.status === 'consented'
      ? parts.map((part, index) => ({
          ...acceptanceDraft({ ...part, seq: book.lastSeq + 1 + index }, fate.by),
          ...(bundle === undefined ? {} : { bundle }),
        }))
      : []
  const drafts = keyed([...entries, ...acceptances], book.id, terms)
  const appended = append(seated, drafts, now)
  const last = appended.at(-1)?.book ?? book
  return {
    before: book.lastSeq === 0 ? undefined : book,
    after: waits ? last : settledOrOpen(last),
    appended,
  }
}

/** What waits is bounded, and so is what somebody writes before the other one agreed to be there. */
const refuseTooMany = (book: Book, rows: number, waits: boolean) => {
  const pending = book.pendingCount + (waits ? rows : 0)
  if (waits && pending > limits.pendingPerDebtMax) throw ledgerError('too_many_pending')
  // The other one can decline only what one command can undo. Whatever waits keeps the room for its
  // answer, so that withdrawing it is always possible and never leads beyond.
  const unseated = book.participants.some(({ seat }) => seat === 'asked')
  if (unseated && book.lastSeq + rows + pending > limits.rowsBeforeSeatMax) {
    throw ledgerError('too_many_pending')
  }
}

const entryDraft = (
  part: Part,
  fate: Fate,
  bundle: string | undefined,
  authorId: string,
): Draft => ({
  kind: part.kind,
  status: fate.status === 'posted' ? 'posted' : 'pending',
  enteredBy: authorId,
  occurredOn: part.occurredOn,
  amountMinor: part.amountMinor,
  postings: part.postings,
  ...(part.reverses === undefined ? {} : { reverses: part.reverses }),
  ...(part.words === undefined ? {} : { words: part.words }),
  ...(bundle === undefined ? {} : { bundle }),
})

/** The row that posts a pending one. Of a reversal it is the row that reverses. */
export const acceptanceDraft = (
  entry: Pick<Part, 'amountMinor' | 'postings' | 'occurredOn'> & {
    seq: number
    reverses?: number | undefined
  },
  acceptedBy: string,
): Draft => ({
  kind: 'accepted',
  status: 'posted',
  enteredBy: acceptedBy,
  occurredOn: entry.occurredOn,
  amountMinor: entry.amountMinor,
  postings: entry.postings,
  releases: entry.postings,
  resolves: entry.seq,
  ...(entry.reverses === undefined ? {} : { reverses: entry.reverses }),
})

/** The command's key sits on its first row in the book that holds it. */
export const keyed = (
  drafts: Draft[],
  bookId: string,
  { request, keyIn }: Pick<Terms, 'request' | 'keyIn'>,
): Draft[] =>
  drafts.map((draft, index) =>
    index === 0 && bookId === keyIn
      ? { ...draft, key: request.key, requestHash: request.hash }
      : draft,
  )

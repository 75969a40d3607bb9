/** Use case: answer an entry that waits: accept, decline or withdraw it, and what was made with it. */
import { randomUUIDv7 } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import type { Book } from '../transactions/book.ts'
import { type EntryView, viewEntry } from '../transactions/entry.ts'
import { madeTogether, type Together } from '../transactions/entry-store.ts'
import type { Words } from '../transactions/journal.ts'
import type { State } from '../transactions/state.ts'
import type { Writer } from '../transactions/writer.ts'
import { eventsOfAll } from './events.ts'
import { type Incoming, requestOf, termsOf, wordsOf } from './request.ts'
import { seatOf, type Verdict } from './rules.ts'
import { answer, type Waiting } from './rules/answering.ts'
import type { DeclineBody } from './shapes.ts'

interface Place {
  bookId: string
  seq: number
}

/** The words of an answer: why, and what the amount should be. */
export const answerWords = (body: DeclineBody): Words | undefined =>
  wordsOf({
    reason: body.reason,
    suggestedMinor: body.amount === undefined ? undefined : BigInt(body.amount.minor),
  })

/** A suggested amount is kept in minor units of the debt: another currency would change what it says. */
export const refuseOtherCurrency = (book: Book, { amount }: DeclineBody): void => {
  if (amount !== undefined && amount.currency !== book.currency) {
    throw ledgerError('currency_mismatch')
  }
}

/** What must be locked and loaded to answer an entry: those made with it, and what they undo. */
export const reachOf = (place: Place, together: Together | undefined) => {
  const entries = together?.entries ?? []
  const targets = entries.flatMap(({ bookId, reverses }) =>
    reverses === undefined ? [] : [{ bookId, seq: reverses }],
  )
  return {
    bookIds: [...new Set([place, ...entries].map(({ bookId }) => bookId))],
    entries: [place, ...entries.map(({ bookId, seq }) => ({ bookId, seq })), ...targets],
  }
}

/** The entries to answer, as the turn sees them. */
export const waitingOf = (together: Together | undefined, state: State): Waiting[] => {
  // Without a look at what belongs together there was no such entry yet when the caller asked for it.
  if (together === undefined) throw ledgerError('not_found')
  return together.entries.flatMap(({ bookId, seq }) => {
    const entry = state.entry(bookId, seq)
    if (entry === undefined) throw ledgerError('internal')
    const { reverses } = entry.row
    const target = reverses === undefined ? undefined : state.entry(bookId, reverses)
    return [{ entry, target }]
  })
}

/** Answers with the entry that was answered, as it stands. */
export const makeAnswerEntry =
  ({ pool, writer }: { pool: Pool; writer: Writer }) =>
  async (place: Place, kind: Verdict, incoming: Incoming<DeclineBody>) => {
    const { caller, body } = incoming
    const { bookId, seq } = place
    const request = requestOf(incoming)
    const words = answerWords(body)
    const bundle = randomUUIDv7()
    const together = await madeTogether(pool, place)
    const { result, replayed } = await writer.submit<EntryView>({
      caller,
      ...reachOf(place, together),
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const [book] = seatOf(state.book(bookId), caller.userId)
        refuseOtherCurrency(book, body)
        const waiting = waitingOf(together, state)
        const asked = state.entry(bookId, seq)
        const terms = { ...termsOf(request, state, { bundle, keyIn: bookId }), keyIn: bookId }
        const changes = answer(state.book, asked, waiting, { kind, words }, terms)
        const own = changes.find(({ after }) => after.id === bookId)
        const row = own?.appended.find((one) => one.row.resolves === seq)?.row
        if (asked === undefined || row === undefined) throw ledgerError('internal')
        const answered = {
          ...asked,
          answer: { seq: row.seq, kind: row.kind, bundle: row.bundle },
        }
        const participants = own?.after.participants ?? book.participants
        return {
          changes,
          events: eventsOfAll(changes, caller.userId, state.relationOf),
          result: viewEntry(answered, participants, caller.userId),
        }
      },
      replay: (_, state) => {
        const [book] = seatOf(state.book(bookId), caller.userId)
        const entry = state.entry(bookId, seq)
        if (entry === undefined) throw ledgerError('internal')
        return viewEntry(entry, book.participants, caller.userId)
      },
    })
    return { entry: result, replayed }
  }

/** Use cases: undo an entry that counts, or put another in its place. */
import { randomUUIDv7 } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import type { Change } from '../transactions/book.ts'
import { type Entry, type EntryView, viewEntry } from '../transactions/entry.ts'
import { entriesOfBundle } from '../transactions/entry-store.ts'
import type { State } from '../transactions/state.ts'
import type { Writer } from '../transactions/writer.ts'
import { eventsOfAll } from './events.ts'
import { type Incoming, occurredOnOf, requestOf, termsOf, wordsOf } from './request.ts'
import type { Terms } from './rules.ts'
import { amend, reverse } from './rules/undoing.ts'
import type { AmendBody, ReverseBody } from './shapes.ts'
import { firstEntry, mainEntry } from './written.ts'

interface Place {
  bookId: string
  seq: number
}

type Rule = (target: Entry | undefined, state: State, terms: Terms) => Change[]

/** Answers with the new row; of an amendment, with the replacement. */
const makeCorrection = ({ pool, writer }: { pool: Pool; writer: Writer }) => {
  const correct = async (place: Place, incoming: Incoming<unknown>, rule: Rule) => {
    const { caller } = incoming
    const { bookId, seq } = place
    const request = requestOf(incoming)
    const bundle = randomUUIDv7()
    const { result, replayed } = await writer.submit<EntryView | Entry>({
      caller,
      bookIds: [bookId],
      entries: [place],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const terms = termsOf(request, state, { bundle, keyIn: bookId })
        const changes = rule(state.entry(bookId, seq), state, terms)
        return {
          changes,
          events: eventsOfAll(changes, caller.userId, state.relationOf),
          result: firstEntry(changes, bookId, caller.userId),
        }
      },
      replay: ({ entry }) => {
        if (entry === undefined) throw ledgerError('internal')
        return entry
      },
    })
    if (!('row' in result)) return { entry: result, replayed }
    // The rows of a command never change, so they can be read after the turn.
    const made =
      result.row.bundle === undefined ? [result] : await entriesOfBundle(pool, result.row.bundle)
    return { entry: viewEntry(mainEntry(made, bookId), [], caller.userId, true), replayed }
  }
  return correct
}

export const makeReverseEntry = (deps: { pool: Pool; writer: Writer }) => {
  const correct = makeCorrection(deps)
  return (place: Place, incoming: Incoming<ReverseBody>) => {
    const words = wordsOf({ reason: incoming.body.reason })
    return correct(place, incoming, (target, state, terms) => {
      const wish = { occurredOn: occurredOnOf(undefined, state.now), words }
      return reverse(state.book(place.bookId), target, wish, terms)
    })
  }
}

export const makeAmendEntry = (deps: { pool: Pool; writer: Writer }) => {
  const correct = makeCorrection(deps)
  return (place: Place, incoming: Incoming<AmendBody>) => {
    const { body } = incoming
    const reversal = wordsOf({ reason: body.reason })
    const salted = wordsOf({ note: body.note ?? '' })
    return correct(place, incoming, (target, state, terms) => {
      // Without a note of its own the replacement keeps what was said.
      const note = body.note ?? target?.note
      const replacement =
        salted === undefined || note === undefined ? undefined : { ...salted, note }
      const wish = {
        currency: body.amount.currency,
        amountMinor: BigInt(body.amount.minor),
        occurredOn:
          body.occurredOn === undefined ? undefined : occurredOnOf(body.occurredOn, state.now),
        today: occurredOnOf(undefined, state.now),
        words: { reversal, replacement },
      }
      return amend(state.book(place.bookId), target, wish, terms)
    })
  }
}

/**
 * Use case: one payment over everything between two people in one currency. The debts are found before
 * they are locked; under the locks they are looked for again, and if others lie between the two by
 * then, it starts once more.
 */
import { randomUUIDv7 } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type EntryView, viewEntry } from '../transactions/entry.ts'
import { entriesOfBundle } from '../transactions/entry-store.ts'
import type { State } from '../transactions/state.ts'
import type { Writer } from '../transactions/writer.ts'
import { eventsOfAll } from './events.ts'
import { type Found, payableDebts } from './payable-store.ts'
import { type Incoming, occurredOnOf, requestOf, termsOf, wordsOf } from './request.ts'
import { type Payable, pay } from './rules/paying.ts'
import type { PaymentBody } from './shapes.ts'
import { peopleOf } from './totals-store.ts'
import { writtenEntries } from './written.ts'

const { debtsPerPaymentMax } = limits
const triesMax = 2

/** Its entries by debt and seq. */
export interface Payment {
  bundle: string
  status: 'posted' | 'pending'
  transactions: EntryView[]
}

/** The bundle that was written, or that the debts to lock were not the ones any more. */
type Outcome = { bundle: string; entries: EntryView[] | undefined } | 'moved'

export const makePayPerson = ({ pool, writer }: { pool: Pool; writer: Writer }) => {
  const attempt = async (personId: string, incoming: Incoming<PaymentBody>) => {
    const { caller, body } = incoming
    const request = requestOf(incoming)
    const bundle = randomUUIDv7()
    const between = { userId: caller.userId, otherId: personId, currency: body.amount.currency }
    const known = await knows(pool, caller.userId, personId)
    const debts = await payableDebts(pool, between, debtsPerPaymentMax)
    const words = new Map(debts.map(({ bookId }) => [bookId, wordsOf({ note: body.note })]))
    let underLock: Found[] = []
    return writer.submit<Outcome>({
      caller,
      bookIds: debts.slice(0, debtsPerPaymentMax).map(({ bookId }) => bookId),
      entries: [],
      request: { bookId: undefined, key: request.key, hash: request.hash },
      look: async (reader) => {
        underLock = await payableDebts(reader, between, debtsPerPaymentMax)
      },
      decide: (state) => {
        if (!known) throw ledgerError('not_found')
        if (debts.length > debtsPerPaymentMax) throw ledgerError('too_many_debts_between')
        if (!allLocked(debts, underLock)) return { changes: [], events: [], result: 'moved' }
        const payment = {
          payerId: body.from === 'me' ? caller.userId : personId,
          currency: body.amount.currency,
          amountMinor: BigInt(body.amount.minor),
          occurredOn: occurredOnOf(body.occurredOn, state.now),
          wordsFor: (bookId: string) => words.get(bookId),
        }
        const terms = termsOf(request, state, { bundle, keyIn: undefined })
        const changes = pay(payables(debts, state), payment, terms)
        const entries = inOrder(
          writtenEntries(changes).map((entry) => viewEntry(entry, [], caller.userId)),
        )
        return {
          changes,
          events: eventsOfAll(changes, caller.userId, state.relationOf),
          bundle,
          result: { bundle, entries },
        }
      },
      replay: (written) => {
        if (written.bundle === undefined) throw ledgerError('internal')
        return { bundle: written.bundle, entries: undefined }
      },
    })
  }

  return async (
    personId: string,
    incoming: Incoming<PaymentBody>,
  ): Promise<{ payment: Payment; replayed: boolean }> => {
    for (let tries = 0; tries < triesMax; tries++) {
      const { result, replayed } = await attempt(personId, incoming)
      if (result === 'moved') continue
      const { bundle } = result
      const transactions =
        result.entries ??
        inOrder(
          (await entriesOfBundle(pool, bundle)).map((entry) =>
            viewEntry(entry, [], incoming.caller.userId, true),
          ),
        )
      const status = transactions.every((one) => one.status === 'posted') ? 'posted' : 'pending'
      return { payment: { bundle, status, transactions }, replayed }
    }
    throw ledgerError('busy')
  }
}

const knows = async (pool: Pool, userId: string, id: string): Promise<boolean> => {
  const [person] = await peopleOf(pool, userId, { after: undefined, limit: 1, id })
  return person !== undefined
}

/** Those that are gone by now need no care: they are locked, and what they came to is seen. */
const allLocked = (found: Found[], underLock: Found[]): boolean => {
  const locked = new Set(found.map(({ bookId }) => bookId))
  return underLock.every(({ bookId }) => locked.has(bookId))
}

const payables = (found: Found[], state: State): Payable[] =>
  found.flatMap(({ bookId, dueOn }) => {
    const book = state.book(bookId)
    return book === undefined ? [] : [{ book, dueOn }]
  })

/** By debt and seq: the one order that a repetition can give again. */
const inOrder = (entries: EntryView[]): EntryView[] =>
  entries.toSorted((a, b) => (a.debtId === b.debtId ? a.seq - b.seq : a.debtId < b.debtId ? -1 : 1))

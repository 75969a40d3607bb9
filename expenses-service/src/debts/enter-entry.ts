/** Use case: add an entry to a debt. It posts, or waits for the other one's word. */
import { randomUUIDv7 } from 'node:crypto'
import type { Connection, Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Change } from '../transactions/book.ts'
import { type EntryView, viewEntry } from '../transactions/entry.ts'
import type { Writer } from '../transactions/writer.ts'
import { countDebts } from './debt-store.ts'
import { eventsOfAll } from './events.ts'
import { type Incoming, occurredOnOf, requestOf, surplusIdOf, termsOf, wordsOf } from './request.ts'
import { seatOf } from './rules.ts'
import { enter } from './rules/entering.ts'
import type { EntryBody } from './shapes.ts'
import { addSurplusDebt } from './surplus-store.ts'
import { firstEntry } from './written.ts'

/** A repetition gets the first answer again, byte for byte. */
export const makeEnterEntry =
  ({ pool, writer }: { pool: Pool; writer: Writer }) =>
  async (bookId: string, incoming: Incoming<EntryBody>) => {
    const { caller, body } = incoming
    const request = requestOf(incoming)
    const words = wordsOf({ note: body.note })
    const bundle = randomUUIDv7()
    const surplus =
      body.surplus === 'debt'
        ? {
            bookId: surplusIdOf(caller.userId, incoming.key, bookId),
            words: wordsOf({ note: body.note }),
            debtCount: await countDebts(pool, caller.userId),
          }
        : undefined
    const { result, replayed } = await writer.submit<EntryView>({
      caller,
      bookIds: surplus === undefined ? [bookId] : [bookId, surplus.bookId],
      entries: [],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const wish = {
          kind: body.kind,
          currency: body.amount.currency,
          amountMinor: BigInt(body.amount.minor),
          occurredOn: occurredOnOf(body.occurredOn, state.now),
          words,
          surplus,
        }
        const terms = termsOf(request, state, { bundle, keyIn: bookId })
        const changes = enter(state.book(bookId), wish, terms)
        const opened = changes.find(({ after }) => after.id === surplus?.bookId)
        if (opened !== undefined && (surplus?.debtCount ?? 0) >= limits.debtsPerUserMax) {
          throw ledgerError('too_many_debts')
        }
        return {
          changes,
          events: eventsOfAll(changes, caller.userId, state.relationOf),
          ...(opened === undefined ? {} : { beside: besideOf(opened, bookId) }),
          result: firstEntry(changes, bookId, caller.userId),
        }
      },
      replay: ({ entry }, state) => {
        const [book] = seatOf(state.book(bookId), caller.userId)
        if (entry === undefined) throw ledgerError('internal')
        return viewEntry(entry, book.participants, caller.userId, true)
      },
    })
    return { entry: result, replayed }
  }

const besideOf = (opened: Change, fromBookId: string) => (connection: Connection) =>
  addSurplusDebt(connection, {
    bookId: opened.after.id,
    fromBookId,
    createdAt: opened.after.createdAt,
    userIds: opened.after.participants.flatMap(({ userId }) => userId ?? []),
  })

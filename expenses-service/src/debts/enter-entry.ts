/** Use case: add an entry to a debt. It posts, or waits for the other one's word. */
import { ledgerError } from '../errors.ts'
import { type EntryView, viewEntry } from '../transactions/entry.ts'
import type { Writer } from '../transactions/writer.ts'
import { eventsOf } from './events.ts'
import { type Incoming, occurredOnOf, requestOf, wordsOf } from './request.ts'
import { enter, seatOf } from './rules.ts'
import type { EntryBody } from './shapes.ts'

/** A repetition gets the first answer again, byte for byte. */
export const makeEnterEntry =
  ({ writer }: { writer: Writer }) =>
  async (bookId: string, incoming: Incoming<EntryBody>) => {
    const { caller, body } = incoming
    const request = requestOf(incoming)
    const words = wordsOf({ note: body.note })
    const { result, replayed } = await writer.submit<EntryView>({
      caller,
      bookIds: [bookId],
      entries: [],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const wish = {
          kind: body.kind,
          currency: body.amount.currency,
          amountMinor: BigInt(body.amount.minor),
          occurredOn: occurredOnOf(body.occurredOn, state.now),
          words,
        }
        const change = enter(state.book(bookId), wish, request, state.now)
        const [appended] = change.appended
        if (appended === undefined) throw ledgerError('internal')
        const entry = {
          row: appended.row,
          note: body.note,
          reason: undefined,
          suggestedMinor: undefined,
          answer: undefined,
          undoneBy: undefined,
        }
        const view = viewEntry(entry, change.after.participants, caller.userId)
        return { changes: [change], events: eventsOf(change), result: view }
      },
      replay: (written, state) => {
        const [book] = seatOf(state.book(bookId), caller.userId)
        return viewEntry(written, book.participants, caller.userId, true)
      },
    })
    return { entry: result, replayed }
  }

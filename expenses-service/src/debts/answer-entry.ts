/** Use case: answer an entry that waits: accept, decline or withdraw it. */
import { ledgerError } from '../errors.ts'
import { type EntryView, viewEntry } from '../transactions/entry.ts'
import type { Words } from '../transactions/journal.ts'
import type { Writer } from '../transactions/writer.ts'
import { eventsOf } from './events.ts'
import { type Incoming, requestOf, wordsOf } from './request.ts'
import { answer, seatOf, type Verdict } from './rules.ts'
import type { DeclineBody } from './shapes.ts'

/** The words of an answer: why, and what the amount should be. */
export const answerWords = (body: DeclineBody): Words | undefined =>
  wordsOf({
    reason: body.reason,
    suggestedMinor: body.amount === undefined ? undefined : BigInt(body.amount.minor),
  })

/** Answers with the entry that was answered, as it stands. */
export const makeAnswerEntry =
  ({ writer }: { writer: Writer }) =>
  async (
    place: { bookId: string; seq: number },
    kind: Verdict,
    incoming: Incoming<DeclineBody>,
  ) => {
    const { caller, body } = incoming
    const { bookId, seq } = place
    const request = requestOf(incoming)
    const words = answerWords(body)
    const { result, replayed } = await writer.submit<EntryView>({
      caller,
      bookIds: [bookId],
      entries: [place],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const entry = state.entry(bookId, seq)
        const change = answer(state.book(bookId), entry, { kind, words }, request, state.now)
        const row = change.appended[0]?.row
        if (entry === undefined || row === undefined) throw ledgerError('internal')
        const answered = { ...entry, answer: { seq: row.seq, kind: row.kind } }
        const view = viewEntry(answered, change.after.participants, caller.userId)
        return { changes: [change], events: eventsOf(change), result: view }
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

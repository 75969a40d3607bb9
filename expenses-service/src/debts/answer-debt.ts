/** Use case: answer a debt as a whole: accept, decline or withdraw it. */
import { randomUUIDv7 } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import type { Entry } from '../transactions/entry.ts'
import type { Words } from '../transactions/journal.ts'
import type { State } from '../transactions/state.ts'
import type { Change } from '../transactions/book.ts'
import type { Writer } from '../transactions/writer.ts'
import { answerWords } from './answer-entry.ts'
import { debtOf } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { eventsOf } from './events.ts'
import { type Incoming, requestOf } from './request.ts'
import {
  answer,
  checkVersion,
  join,
  type Request,
  refuseSeat,
  seatOf,
  undoableRowsMax,
  type Verdict,
} from './rules.ts'
import type { DebtView, DeclineBody } from './shapes.ts'

/** Answers with the debt as it stands. */
export const makeAnswerDebt =
  ({ pool, writer }: { pool: Pool; writer: Writer }) =>
  async (bookId: string, kind: Verdict, incoming: Incoming<DeclineBody>) => {
    const { caller } = incoming
    const request = requestOf(incoming)
    const verdict = { kind, words: answerWords(incoming.body), bundle: randomUUIDv7() }
    // Declining a debt that counts already undoes its entries: they are loaded with it.
    const rows = kind === 'declined' ? undoableRowsMax : 1
    const seqs = Array.from({ length: rows }, (_, index) => index + 1)
    const { replayed } = await writer.submit({
      caller,
      bookIds: [bookId],
      entries: seqs.map((seq) => ({ bookId, seq })),
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const entries = seqs.flatMap((seq) => state.entry(bookId, seq) ?? [])
        const change = decide(state, bookId, entries, verdict, request)
        return { changes: [change], events: eventsOf(change), result: undefined }
      },
      replay: () => undefined,
    })
    const debt = await debtOf(pool, caller.userId, bookId)
    if (debt === undefined) throw ledgerError('not_found')
    const view: DebtView = viewDebt(debt, caller.userId)
    return { debt: view, replayed }
  }

const decide = (
  state: State,
  bookId: string,
  entries: Entry[],
  verdict: { kind: Verdict; words: Words | undefined; bundle: string },
  request: Request,
): Change => {
  const [book, mine] = seatOf(state.book(bookId), request.callerId)
  const [opening] = entries
  if (opening === undefined) throw ledgerError('internal')
  if (book.status === 'proposed') return answer(book, opening, verdict, request, state.now)
  checkVersion(book, request)
  if (mine.seat === 'joined' || opening.answer !== undefined) throw ledgerError('already_answered')
  if (verdict.kind === 'accepted') return join(book, opening, request, state.now)
  if (verdict.kind === 'withdrawn') throw ledgerError('not_yours_to_answer')
  return refuseSeat(book, entries, verdict, request, state.now)
}

/** Use case: answer a debt as a whole: accept, decline or withdraw it. */
import { randomUUIDv7 } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Change } from '../transactions/book.ts'
import { madeTogether, type Together } from '../transactions/entry-store.ts'
import type { State } from '../transactions/state.ts'
import type { Writer } from '../transactions/writer.ts'
import { answerWords, reachOf, refuseOtherCurrency, waitingOf } from './answer-entry.ts'
import { debtOf } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { eventsOfAll } from './events.ts'
import { type Incoming, requestOf, termsOf } from './request.ts'
import { checkVersion, type Request, seatOf, type Verdict } from './rules.ts'
import { type Answer, answer, refuseSeat } from './rules/answering.ts'
import { join } from './rules/opening.ts'
import type { DebtView, DeclineBody } from './shapes.ts'

/** Answers with the debt as it stands. */
export const makeAnswerDebt =
  ({ pool, writer }: { pool: Pool; writer: Writer }) =>
  async (bookId: string, kind: Verdict, incoming: Incoming<DeclineBody>) => {
    const { caller } = incoming
    const request = requestOf(incoming)
    const verdict = { kind, words: answerWords(incoming.body) }
    const bundle = randomUUIDv7()
    // The opening may have been made together with an entry of another debt.
    const opening = { bookId, seq: 1 }
    const together = await madeTogether(pool, opening)
    const reach = reachOf(opening, together)
    // Declining a debt that counts already undoes its entries: they are loaded with it.
    const rows = kind === 'declined' ? limits.rowsBeforeSeatMax : 1
    const seqs = Array.from({ length: rows }, (_, index) => index + 1)
    const { replayed } = await writer.submit({
      caller,
      bookIds: reach.bookIds,
      entries: [...reach.entries, ...seqs.map((seq) => ({ bookId, seq }))],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        const [book] = seatOf(state.book(bookId), caller.userId)
        refuseOtherCurrency(book, incoming.body)
        const asked = { bookId, seqs, together, bundle }
        const changes = decide(state, asked, verdict, request)
        const events = eventsOfAll(changes, caller.userId, state.relationOf)
        return { changes, events, result: undefined }
      },
      replay: () => undefined,
    })
    const debt = await debtOf(pool, caller.userId, bookId)
    if (debt === undefined) throw ledgerError('not_found')
    const view: DebtView = viewDebt(debt, caller.userId)
    return { debt: view, replayed }
  }

interface Asked {
  bookId: string
  /** Rows of the debt that were loaded. */
  seqs: number[]
  together: Together | undefined
  bundle: string
}

const decide = (
  state: State,
  { bookId, seqs, together, bundle }: Asked,
  verdict: Answer,
  request: Request,
): Change[] => {
  const [book, mine] = seatOf(state.book(bookId), request.callerId)
  const opening = state.entry(bookId, 1)
  if (opening === undefined) throw ledgerError('internal')
  const terms = { ...termsOf(request, state, { bundle, keyIn: bookId }), keyIn: bookId }
  if (book.status === 'proposed') {
    const waiting = waitingOf(together, state)
    return answer(state.book, opening, waiting, verdict, terms)
  }
  checkVersion(book, request)
  if (mine.seat === 'joined' || opening.answer !== undefined) throw ledgerError('already_answered')
  if (verdict.kind === 'accepted') return [join(book, opening, request, state.now)]
  if (verdict.kind === 'withdrawn') throw ledgerError('not_yours_to_answer')
  const entries = seqs.flatMap((seq) => state.entry(bookId, seq) ?? [])
  return [refuseSeat(book, entries, verdict.words, terms)]
}

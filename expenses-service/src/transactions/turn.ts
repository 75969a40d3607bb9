/**
 * One turn, decided: its commands in order, each on the state that the ones before it left. A refusal
 * is its own command's affair and leaves nothing behind. Pure, so that "a batch equals the same
 * commands one by one" is a property that a test can try.
 */
import type { Connection } from '@quits/kit/postgres'
import { LedgerError, ledgerError } from '../errors.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import type { Change } from './book.ts'
import type { Entry } from './entry.ts'
import type { State } from './state.ts'

/** What a command decided. Nothing of it exists before the turn's COMMIT. */
export interface Decision<R> {
  changes: Change[]
  events: OutboxEvent[]
  /** Rows of the command's own tables beside the heart, in the same transaction. */
  beside?: (connection: Connection) => Promise<void>
  result: R
}

export interface Command<R> {
  caller: { userId: string; sessionId: string }
  bookIds: string[]
  entries: { bookId: string; seq: number }[]
  /** The request as it is recognised when it comes again. */
  request: { bookId: string; key: string; hash: Buffer }
  /** Pure: decides on what was loaded, or throws the refusal, which leaves no row. */
  decide(state: State): Decision<R>
  /** The answer to a request that was carried out before; `written` is the row with its key. */
  replay(written: Entry, state: State): R
}

export interface Written<R> {
  result: R
  replayed: boolean
}

export type Outcome = { written: Written<unknown> } | { refusal: LedgerError }

/** What a whole turn writes, one change per book, and what each of its commands hears. */
export interface Decided {
  outcomes: Outcome[]
  changes: Change[]
  events: OutboxEvent[]
  besides: ((connection: Connection) => Promise<void>)[]
}

export const decideTurn = (commands: Command<unknown>[], state: State): Decided => {
  const changes = new Map<string, Change>()
  const decided: Decided = { outcomes: [], changes: [], events: [], besides: [] }
  for (const command of commands) {
    const outcome = outcomeOf(command, state)
    if ('refusal' in outcome) {
      decided.outcomes.push(outcome)
      continue
    }
    decided.outcomes.push({ written: { result: outcome.result, replayed: outcome.replayed } })
    for (const change of outcome.changes) {
      state.apply(change)
      changes.set(change.after.id, merged(changes.get(change.after.id), change))
    }
    decided.events.push(...outcome.events)
    if (outcome.beside !== undefined) decided.besides.push(outcome.beside)
  }
  decided.changes.push(...changes.values())
  return decided
}

const merged = (earlier: Change | undefined, change: Change): Change =>
  earlier === undefined
    ? change
    : {
        before: earlier.before,
        after: change.after,
        appended: [...earlier.appended, ...change.appended],
      }

type Judged = (Decision<unknown> & { replayed: boolean }) | { refusal: LedgerError }

const outcomeOf = (command: Command<unknown>, state: State): Judged => {
  try {
    return judge(command, state)
  } catch (error) {
    if (error instanceof LedgerError) return { refusal: error }
    throw error
  }
}

const judge = (
  command: Command<unknown>,
  state: State,
): Decision<unknown> & { replayed: boolean } => {
  const { caller, request } = command
  if (!state.signedIn(caller.sessionId, caller.userId)) throw ledgerError('unauthenticated')
  const written = state.written(request.bookId, caller.userId, request.key)
  if (written === undefined) return { ...command.decide(state), replayed: false }
  if (written.row.requestHash?.equals(request.hash) !== true) {
    throw ledgerError('idempotency_key_reused')
  }
  return { changes: [], events: [], result: command.replay(written, state), replayed: true }
}

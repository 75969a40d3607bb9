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
import type { PaymentKey } from './payment-key.ts'
import type { State } from './state.ts'

/** What a command decided. Nothing of it exists before the turn's COMMIT. */
export interface Decision<R> {
  changes: Change[]
  events: OutboxEvent[]
  /** Rows of the command's own tables beside the heart, in the same transaction. */
  beside?: (connection: Connection) => Promise<void>
  /** The bundle of a command whose key is kept beside the heart. */
  bundle?: string
  result: R
}

export interface Command<R> {
  caller: { userId: string; sessionId: string }
  bookIds: string[]
  entries: { bookId: string; seq: number }[]
  /** The request as it is recognised when it comes again. */
  request: {
    /** Undefined: the command belongs to no single book, and its key is kept beside the heart. */
    bookId: string | undefined
    key: string
    hash: string
  }
  /** Sees, after the locks, what only this command asks for. */
  look?(reader: Pick<Connection, 'query'>): Promise<void>
  /** Pure: decides on what was loaded, or throws the refusal, which leaves no row. */
  decide(state: State): Decision<R>
  /** The answer to a request that was carried out before; `written` says where its key was found. */
  replay(written: KeyUse, state: State): R
}

/** Where a key was found: on a row of the book, or beside the heart with the bundle it stands for. */
export interface KeyUse {
  entry: Entry | undefined
  bundle: string | undefined
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
  keys: PaymentKey[]
  besides: ((connection: Connection) => Promise<void>)[]
}

export const decideTurn = (commands: Command<unknown>[], state: State): Decided => {
  const changes = new Map<string, Change>()
  const decided: Decided = { outcomes: [], changes: [], events: [], keys: [], besides: [] }
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
    const key = keyOf(command, outcome, state)
    if (key !== undefined) {
      state.applyKey(key)
      decided.keys.push(key)
    }
    decided.events.push(...outcome.events)
    if (outcome.beside !== undefined) decided.besides.push(outcome.beside)
  }
  decided.changes.push(...changes.values())
  return decided
}

const keyOf = (
  { caller, request }: Command<unknown>,
  { bundle }: Decision<unknown>,
  state: State,
): PaymentKey | undefined =>
  request.bookId !== undefined || bundle === undefined
    ? undefined
    : {
        userId: caller.userId,
        key: request.key,
        requestHash: request.hash,
        bundle,
        at: state.now,
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
  const { bookId, key, hash } = request
  const entry = bookId === undefined ? undefined : state.written(bookId, caller.userId, key)
  const payment = bookId === undefined ? state.payment(caller.userId, key) : undefined
  const usedFor = entry?.row.requestHash ?? payment?.requestHash
  if (usedFor === undefined) return { ...command.decide(state), replayed: false }
  if (usedFor !== hash) throw ledgerError('idempotency_key_reused')
  const written = { entry, bundle: entry?.row.bundle ?? payment?.bundle }
  return { changes: [], events: [], result: command.replay(written, state), replayed: true }
}

/**
 * The writer, the only way into the journal. A turn locks its books, loads, decides with pure rules on
 * what it loaded, writes set by set, and answers after COMMIT was seen as COMMIT. It knows no HTTP and
 * no debts: a command brings its own rule. Today a turn carries one command; the seam is a list.
 */
import { databaseFault, inTransaction, type Connection, type Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import { addEvents } from '../outbox/store.ts'
import type { Entry } from './entry.ts'
import { type Loaded, load, type Wanted } from './load.ts'
import type { Change } from './book.ts'
import { save } from './save.ts'

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
  decide(state: Loaded): Decision<R>
  /** The answer to a request that was carried out before; `written` is the row that carries its key. */
  replay(written: Entry, state: Loaded): R
}

export interface Written<R> {
  result: R
  replayed: boolean
}

export type Writer = ReturnType<typeof makeWriter>

/** Commands that wait or run at once; above it a caller hears 503 rather than waiting for long. */
const queueLengthMax = 1_000
// Once more after a fault that leaves the outcome open: the key tells what the first try did.
const triesMax = 2

/** `wakeRelay` is called after each commit that left events. */
export const makeWriter = (options: { pool: Pool; wakeRelay: () => void }) => {
  let queueLength = 0

  const submit = async <R>(command: Command<R>): Promise<Written<R>> => {
    if (queueLength >= queueLengthMax) throw ledgerError('busy')
    queueLength += 1
    try {
      return await withRetry(() => inTransaction(options.pool, (c) => turn(c, command)))
    } finally {
      queueLength -= 1
      options.wakeRelay()
    }
  }

  return { submit }
}

const turn = async <R>(connection: Connection, command: Command<R>): Promise<Written<R>> => {
  const { caller, request } = command
  const wanted: Wanted = {
    bookIds: command.bookIds.toSorted(),
    entries: command.entries,
    keys: [{ bookId: request.bookId, userId: caller.userId, key: request.key }],
    sessions: [{ id: caller.sessionId, userId: caller.userId }],
  }
  const state = await load(connection, wanted)
  if (!state.signedIn(caller.sessionId, caller.userId)) throw ledgerError('unauthenticated')
  const written = state.written(request.bookId, caller.userId, request.key)
  if (written !== undefined) {
    if (written.row.requestHash?.equals(request.hash) !== true) {
      throw ledgerError('idempotency_key_reused')
    }
    return { result: command.replay(written, state), replayed: true }
  }
  const decision = command.decide(state)
  await save(connection, decision.changes)
  await decision.beside?.(connection)
  await addEvents(connection, decision.events)
  return { result: decision.result, replayed: false }
}

const withRetry = async <T>(act: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act()
    } catch (error) {
      if (attempt >= triesMax || !worthAnotherTry(error)) throw error
    }
  }
}

// Serialization, deadlock, a twin that inserted the same book or key first, or a lost connection.
const again = /^(40001|40P01|23505|08...|57P0.)$/

const worthAnotherTry = (error: unknown): boolean => {
  const fault = databaseFault(error)
  if (fault !== undefined) return again.test(fault.sqlState)
  if (!(error instanceof Error)) return false
  return (
    error.name === 'RolledBackError' ||
    ('code' in error && ['ECONNRESET', 'EPIPE'].includes(String(error.code))) ||
    error.message.startsWith('Connection terminated')
  )
}

/**
 * Statements that travel together. What is asked for in one step leaves as one message with one Sync
 * behind it, and its answers come back as one: node-postgres ends each statement with a Sync of its
 * own, and at each of them the server writes to its socket and wakes us, which costs a turn of one
 * command more than all its work. A statement's columns are described once per connection.
 *
 * When a statement fails, the server skips what is behind it up to the Sync (PostgreSQL, Frontend/
 * Backend Protocol, Extended Query): whoever asked for the rest hears of the same fault, and a COMMIT
 * behind a fault never runs.
 */
import pg from 'pg'
// @ts-expect-error: node-postgres has no types for it.
import { prepareValue } from 'pg/lib/utils.js'
import type { Statement } from '../statement.ts'

/** What a statement answered: the word of its kind, such as COMMIT, its rows, and how many it touched. */
export interface Answered<R> {
  command: string
  rowCount: number
  rows: R[]
}

/** Asks in batches; each answer comes when its whole batch is through. */
export interface Batches {
  query<R extends object>(statement: Statement): Promise<Answered<R>>
}

interface Field {
  name: string
  parse: (text: string) => unknown
}

/** A statement that this connection has prepared, with the fields of its rows. */
interface Prepared {
  text: string
  fields: Field[]
}

interface Asked {
  statement: Statement
  fields: Field[]
  answered: Answered<Record<string, unknown>>
  settled: PromiseWithResolvers<Answered<never>>
}

/** The part of a connection that a batch speaks to (node-postgres' own queries use the same). */
interface Wire {
  stream: { cork(): void; uncork(): void }
  parse(message: { name: string; text: string }): void
  bind(message: { statement: string; values: unknown[]; valueMapper: unknown }): void
  describe(message: { type: 'P' }): void
  execute(message: object): void
  sync(): void
}

/**
 * Asks on a connection that nobody else uses. A batch that fails while it prepares a statement leaves
 * open which ones the server knows: `onUnsure` must give the connection up.
 */
export const makeBatches = (client: pg.Client, onUnsure: () => void): Batches => {
  const known = new Map<string, Prepared>()
  let asked: Asked[] = []

  const send = () => {
    const batch = asked
    asked = []
    client.query(submittable(batch, known, onUnsure))
  }

  return {
    query<R extends object>(statement: Statement) {
      if (asked.length === 0) queueMicrotask(send)
      const settled = Promise.withResolvers<Answered<R>>()
      asked.push({
        statement,
        fields: [],
        answered: { command: '', rowCount: 0, rows: [] },
        settled: settled as unknown as Asked['settled'],
      })
      return settled.promise
    },
  }
}

/** A batch as node-postgres runs it: it calls `submit`, then a handler for each message. */
const submittable = (batch: Asked[], known: Map<string, Prepared>, onUnsure: () => void) => {
  let at = 0
  let prepares = false
  /** An answer that could not be read; the batch is through all the same. */
  let unread: Error | undefined
  const query = {
    /** Returns what kept it from being written, if anything did; half of it may have left. */
    submit(connection: pg.Connection): Error | undefined {
      try {
        prepares = write(connection as unknown as Wire, batch, known)
        return undefined
      } catch (error) {
        prepares = true
        return error as Error
      }
    },
    handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }) {
      const asked = batch[at]
      if (asked === undefined) return
      asked.fields = fields.map(({ name, dataTypeID }) => ({
        name,
        parse: pg.types.getTypeParser(dataTypeID, 'text'),
      }))
    },
    handleDataRow({ fields }: { fields: (string | null)[] }) {
      const asked = batch[at]
      try {
        asked?.answered.rows.push(rowOf(asked.fields, fields))
      } catch (error) {
        unread ??= error as Error
      }
    },
    handleCommandComplete({ text }: { text: string }) {
      const asked = batch[at]
      at += 1
      if (asked === undefined) return
      const tag = text.split(' ')
      asked.answered.command = tag[0] ?? ''
      asked.answered.rowCount = tag.length > 1 ? Number(tag.at(-1)) : 0
      known.set(asked.statement.name, { text: asked.statement.text, fields: asked.fields })
    },
    handleError(error: Error) {
      if (prepares) onUnsure()
      for (const { settled } of batch) settled.reject(error)
    },
    handleReadyForQuery() {
      if (unread !== undefined) return query.handleError(unread)
      for (const { settled, answered } of batch) settled.resolve(answered as Answered<never>)
    },
  }
  return query
}

/** Writes the batch as one message; tells whether it prepares a statement. */
const write = (wire: Wire, batch: Asked[], known: Map<string, Prepared>): boolean => {
  const fresh = new Set<string>()
  wire.stream.cork()
  try {
    for (const asked of batch) {
      const { name, text, values } = asked.statement
      const prepared = known.get(name)
      if (prepared !== undefined && prepared.text !== text) {
        throw new Error(`two statements are called ${name}`)
      }
      if (prepared === undefined && !fresh.has(name)) wire.parse({ name, text })
      wire.bind({ statement: name, values, valueMapper: prepareValue })
      if (prepared === undefined) wire.describe({ type: 'P' })
      wire.execute({})
      if (prepared === undefined) fresh.add(name)
      else asked.fields = prepared.fields
    }
    wire.sync()
  } finally {
    wire.stream.uncork()
  }
  return fresh.size > 0
}

const rowOf = (fields: Field[], values: (string | null)[]): Record<string, unknown> => {
  const row: Record<string, unknown> = {}
  let at = 0
  for (const { name, parse } of fields) {
    const value = values[at] ?? null
    row[name] = value === null ? null : parse(value)
    at += 1
  }
  return row
}

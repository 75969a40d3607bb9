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

interface Column {
  name: string
  parse: (text: string) => unknown
}

interface Asked {
  statement: Statement
  columns: Column[]
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
 * A reader on a connection that nobody else uses. A batch that fails while it prepares a statement
 * leaves open which ones the server knows: `onUnsure` must give the connection up.
 */
export const makeBatches = (client: pg.Client, onUnsure: () => void): Batches => {
  const known = new Map<string, Column[]>()
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
        columns: known.get(statement.name) ?? [],
        answered: { command: '', rowCount: 0, rows: [] },
        settled: settled as unknown as Asked['settled'],
      })
      return settled.promise
    },
  }
}

/** A batch as node-postgres runs it: it calls `submit`, then a handler for each message. */
const submittable = (batch: Asked[], known: Map<string, Column[]>, onUnsure: () => void) => {
  const fresh = batch.filter(({ statement }) => !known.has(statement.name))
  let at = 0
  const query = {
    /** node-postgres wraps it to stop its own clock. */
    callback: (_error: Error | null) => {},
    submit(connection: pg.Connection) {
      write(connection as unknown as Wire, batch, known)
    },
    handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }) {
      const asked = batch[at]
      if (asked === undefined) return
      asked.columns = fields.map(({ name, dataTypeID }) => ({
        name,
        parse: pg.types.getTypeParser(dataTypeID, 'text'),
      }))
    },
    handleDataRow({ fields }: { fields: (string | null)[] }) {
      const asked = batch[at]
      asked?.answered.rows.push(rowOf(asked.columns, fields))
    },
    handleCommandComplete({ text }: { text: string }) {
      const asked = batch[at]
      at += 1
      if (asked === undefined) return
      const tag = text.split(' ')
      asked.answered.command = tag[0] ?? ''
      asked.answered.rowCount = tag.length > 1 ? Number(tag.at(-1)) : 0
      known.set(asked.statement.name, asked.columns)
    },
    handleError(error: Error) {
      if (fresh.length > 0) onUnsure()
      query.callback(error)
      for (const { settled } of batch) settled.reject(error)
    },
    handleReadyForQuery() {
      query.callback(null)
      for (const { settled, answered } of batch) settled.resolve(answered as Answered<never>)
    },
  }
  return query
}

const write = (wire: Wire, batch: Asked[], known: Map<string, Column[]>) => {
  const parsing = new Set<string>()
  wire.stream.cork()
  for (const { statement } of batch) {
    const { name, text, values } = statement
    const fresh = !known.has(name)
    if (fresh && !parsing.has(name)) wire.parse({ name, text })
    parsing.add(name)
    wire.bind({ statement: name, values, valueMapper: prepareValue })
    if (fresh) wire.describe({ type: 'P' })
    wire.execute({})
  }
  wire.sync()
  wire.stream.uncork()
}

const rowOf = (columns: Column[], fields: (string | null)[]): Record<string, unknown> => {
  const row: Record<string, unknown> = {}
  for (const [index, { name, parse }] of columns.entries()) {
    const field = fields[index] ?? null
    row[name] = field === null ? null : parse(field)
  }
  return row
}

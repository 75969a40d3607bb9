import type { Column } from './column.ts'

/** One prepared statement with its values, as data: a turn's statements leave as one message. */
export interface Statement {
  name: string
  text: string
  values: unknown[]
}

/** A set-wise statement over rows, or none when there are no rows. */
export const overRows = <T>(
  rows: T[],
  name: string,
  text: string,
  columns: Column<T>[],
): Statement[] =>
  rows.length === 0 ? [] : [{ name, text, values: columns.map((column) => column(rows)) }]

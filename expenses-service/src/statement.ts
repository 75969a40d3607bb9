import type { Column } from './column.ts'

/** One prepared statement with its values, as data: a turn's statements leave as one message. */
export interface Statement {
  name: string
  text: string
  values: unknown[]
}

/** The columns of a set, each under its name. */
type Columns<R> = Record<string, Column<R>>

/**
 * A set-wise statement over rows, or none when there are no rows. `textOf` is given the set as something
 * to select from, called `n`. A single row goes as plain values: opening one array for each column costs
 * the server more than all it does with them.
 */
export const overRows = <R>(
  name: string,
  columns: Columns<R>,
  textOf: (set: string) => string,
): ((rows: R[]) => Statement[]) => {
  const all = Object.values(columns)
  const names = Object.keys(columns).join(', ')
  const parameters = (suffix: string) =>
    all.map(({ type }, index) => `$${index + 1}::${type}${suffix}`).join(', ')
  const many = textOf(`unnest(${parameters('[]')}) AS n (${names})`)
  const one = textOf(`(VALUES (${parameters('')})) AS n (${names})`)
  return (rows) => {
    const [first] = rows
    if (first === undefined) return []
    if (rows.length > 1)
      return [{ name, text: many, values: all.map((column) => column.many(rows)) }]
    return [{ name: `${name}-one`, text: one, values: all.map((column) => column.one(first)) }]
  }
}

const stored = ([name, { storedAs }]: [string, Column<never>]): string =>
  storedAs === undefined ? `n.${name}` : `n.${name}::${storedAs}`

/** Adds the rows to `table`; `unless` is what follows, such as ON CONFLICT. */
export const inserting = <R>(table: string, columns: Columns<R>, unless = '') => {
  const values = Object.entries(columns).map(stored).join(', ')
  return overRows(
    `insert-${table}`,
    columns,
    (set) =>
      `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) SELECT ${values} FROM ${set} ${unless}`,
  )
}

/** Sets every column but `key` in the rows of `table` that have the key. */
export const updating = <R>(table: string, key: string, columns: Columns<R>) => {
  const changes = Object.entries(columns)
    .filter(([name]) => name !== key)
    .map((column) => `${column[0]} = ${stored(column)}`)
    .join(', ')
  return overRows(
    `update-${table}`,
    columns,
    (set) => `UPDATE ${table} t SET ${changes} FROM ${set} WHERE t.${key} = n.${key}`,
  )
}

import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  byteas,
  type Column,
  dates,
  int2s,
  int4s,
  int8s,
  literals,
  texts,
  timestamptzs,
  uuids,
} from './column.ts'
import { inserting } from './statement.ts'

const client = new pg.Client({ connectionString: process.env['POSTGRES_URL'] })
beforeAll(() => client.connect())
afterAll(() => client.end())

/** What Postgres reads from a column, as text. */
const read = async <R>(column: Column<R>, values: R[]): Promise<unknown> => {
  const sql = `SELECT array_agg(value::text ORDER BY place) AS found
    FROM unnest($1::${column.type}[]) WITH ORDINALITY AS c (value, place)`
  const { rows } = await client.query<{ found: unknown }>(sql, [column.many(values)])
  return rows[0]?.found
}
const same = <T>(value: T | undefined) => value

test('Postgres reads every type as it was meant, NULL included', async () => {
  const id = randomUUID()
  expect(await read(uuids<string | undefined>(same), [id, undefined])).toEqual([id, null])
  const odd = ['', 'NULL', '{"a"}', `O'Neil \\ "x"`, 'zlatý 💶', 'a,b']
  expect(await read(texts<string | undefined>(same), [...odd, undefined])).toEqual([...odd, null])
  expect(await read(int2s<number | undefined>(same), [-32_768, 32_767])).toEqual([
    '-32768',
    '32767',
  ])
  expect(await read(int4s<number | undefined>(same), [-2_147_483_648, 0])).toEqual([
    '-2147483648',
    '0',
  ])
  const large = 9_223_372_036_854_775_807n
  expect(await read(int8s<bigint | undefined>(same), [-large, large])).toEqual([
    `-${large}`,
    `${large}`,
  ])
  expect(await read(byteas<string | undefined>(same), ['005c22ff', ''])).toEqual([
    '\\x005c22ff',
    '\\x',
  ])
})

test('dates and instants arrive to the day and to the millisecond', async () => {
  const days = ['1900-01-01', '1999-12-31', '2000-01-01', '2028-02-29']
  expect(await read(dates<string | undefined>(same), days)).toEqual(days)
  await client.query(`SET TIME ZONE 'Asia/Tokyo'`)
  const instants = ['1969-12-31T23:59:59.999Z', '2026-11-20T12:00:00.001Z']
  const { rows } = await client.query<{ at: Date }>('SELECT unnest($1::timestamptz[]) AS at', [
    timestamptzs<string | undefined>(same).many(instants),
  ])
  expect(rows.map(({ at }) => at.toISOString())).toEqual(instants)
})

test('a single row travels as plain values and is stored the same', async () => {
  await client.query('CREATE TEMPORARY TABLE one (id uuid, n bigint, b bytea, d date, l int[])')
  const id = randomUUID()
  const insert = inserting<number>('one', {
    id: uuids(() => id),
    n: int8s((n) => (n === 0 ? undefined : BigInt(n))),
    b: byteas((n) => `0${n}5c`),
    d: dates(() => '2028-02-29'),
    l: literals('int[]', (n) => `{${n},2}`),
  })
  for (const rows of [[7], [0, 7]]) {
    for (const statement of insert(rows)) await client.query(statement)
  }
  const { rows } = await client.query('SELECT one::text AS row FROM one ORDER BY n, b')
  const seven = `(${id},7,"\\\\x075c",2028-02-29,"{7,2}")`
  const none = `(${id},,"\\\\x005c",2028-02-29,"{0,2}")`
  expect(rows.map(({ row }) => row)).toEqual([seven, seven, none])
})

test('an empty column is an empty array', async () => {
  const { rows } = await client.query('SELECT cardinality($1::text[]) AS count', [
    texts<string>(same).many([]),
  ])
  expect(rows).toEqual([{ count: 0 }])
})

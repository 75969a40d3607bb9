import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  byteas,
  dates,
  int2s,
  int4s,
  int8s,
  textArray,
  texts,
  timestamptzs,
  uuids,
} from './column.ts'

const client = new pg.Client({ connectionString: process.env['POSTGRES_URL'] })
beforeAll(() => client.connect())
afterAll(() => client.end())

/** What Postgres reads from a column, as text. */
const read = async (type: string, column: Buffer): Promise<unknown> => {
  const sql = `SELECT array_agg(value::text ORDER BY place) AS found
    FROM unnest($1::${type}[]) WITH ORDINALITY AS c (value, place)`
  const { rows } = await client.query<{ found: unknown }>(sql, [column])
  return rows[0]?.found
}
const same = <T>(value: T | undefined) => value

test('Postgres reads every type as it was meant, NULL included', async () => {
  const id = randomUUID()
  expect(await read('uuid', uuids<string | undefined>(same)([id, undefined]))).toEqual([id, null])
  const odd = ['', 'NULL', '{"a"}', `O'Neil \\ "x"`, 'zlatý 💶', 'a,b']
  expect(await read('text', texts<string | undefined>(same)([...odd, undefined]))).toEqual([
    ...odd,
    null,
  ])
  expect(await read('smallint', int2s<number | undefined>(same)([-32_768, 32_767]))).toEqual([
    '-32768',
    '32767',
  ])
  expect(await read('int', int4s<number | undefined>(same)([-2_147_483_648, 0]))).toEqual([
    '-2147483648',
    '0',
  ])
  const large = 9_223_372_036_854_775_807n
  expect(await read('bigint', int8s<bigint | undefined>(same)([-large, large]))).toEqual([
    `-${large}`,
    `${large}`,
  ])
  const bytes = Buffer.from([0, 92, 34, 255])
  expect(await read('bytea', byteas<Buffer | undefined>(same)([bytes]))).toEqual(['\\x005c22ff'])
})

test('dates and instants arrive to the day and to the millisecond', async () => {
  const days = ['1900-01-01', '1999-12-31', '2000-01-01', '2028-02-29']
  expect(await read('date', dates<string | undefined>(same)(days))).toEqual(days)
  await client.query(`SET TIME ZONE 'Asia/Tokyo'`)
  const instants = ['1969-12-31T23:59:59.999Z', '2026-11-20T12:00:00.001Z']
  const { rows } = await client.query<{ at: Date }>('SELECT unnest($1::timestamptz[]) AS at', [
    timestamptzs<string | undefined>(same)(instants),
  ])
  expect(rows.map(({ at }) => at.toISOString())).toEqual(instants)
})

test('an empty column is an empty array', async () => {
  const { rows } = await client.query('SELECT cardinality($1::text[]) AS count', [textArray([])])
  expect(rows).toEqual([{ count: 0 }])
})

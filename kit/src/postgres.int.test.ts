import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, expect, test, vi } from 'vitest'
import { bytesLeftBehind } from '../test/left-behind.ts'
import { makeLog } from './log.ts'
import { inTransaction, isConnectionLost, makePool, type Pool } from './postgres.ts'

const url = process.env['POSTGRES_URL'] ?? ''
const log = makeLog({ service: 'test', level: 'silent' })
const pools: Pool[] = []
const makeTestPool = (at: string, bounds: { silenceMsMax?: number } = {}) => {
  const pool = makePool({ url: at, name: 'kit-test', connectionsMax: 3, log, ...bounds })
  pools.push(pool)
  return pool
}
afterAll(() => Promise.all(pools.map((pool) => pool.end())))

/** Ends a connection from the server's side and resolves when it is gone. */
const terminate = async (pool: Pool, pid: number) => {
  await pool.query('SELECT pg_terminate_backend($1, 5000)', [pid])
}
const pidOf = 'SELECT pg_backend_pid() AS pid'

test('instants are what the database means, whatever the time zone and the century', async () => {
  const pool = makeTestPool(url)
  const literals = [
    '2026-11-28 16:10:00.123+00',
    '2026-11-28 16:10:00.123456+00',
    '2026-11-28 16:10:00+05:30',
    '1969-12-31 23:59:59.999+00',
    '12026-01-01 00:00:00+00',
  ]
  for (const zone of ['UTC', 'Asia/Kathmandu']) {
    const connection = await pool.connect()
    await connection.query(`SET TIME ZONE '${zone}'`)
    for (const literal of literals) {
      const { rows } = await connection.query<{ at: Date; ms: number }>(
        `SELECT $1::timestamptz AS at,
           trunc(extract(epoch FROM $1::timestamptz) * 1000)::float8 AS ms`,
        [literal],
      )
      expect(rows[0]?.at.getTime()).toBe(rows[0]?.ms)
    }
    connection.release(true)
  }
})

test('a connection lost in the middle of a transaction fails that one and nothing else', async () => {
  const pool = makeTestPool(url)
  const lost = inTransaction(pool, async (connection) => {
    const { rows } = await connection.query<{ pid: number }>(pidOf)
    // The loss comes as an event of the connection; unheard, it would end the process.
    const gone = new Promise<void>((resolve) => connection.once('end', resolve))
    await terminate(pool, rows[0]?.pid ?? 0)
    await gone
    await connection.query('SELECT 1')
  })
  await expect(lost).rejects.toSatisfy(isConnectionLost)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('a connection lost under a running statement fails that one and nothing else', async () => {
  const pool = makeTestPool(url)
  const lost = inTransaction(pool, async (connection) => {
    const { rows } = await connection.query<{ pid: number }>(pidOf)
    // Nothing waits for its end: it is the statement that is ended.
    const endless = connection.query('SELECT pg_sleep(60)')
    await Promise.all([endless, terminate(pool, rows[0]?.pid ?? 0)])
  })
  await expect(lost).rejects.toSatisfy(isConnectionLost)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('a server that falls silent is given up in bounded time', async () => {
  const target = new URL(url)
  const sockets: Socket[] = []
  const line = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    sockets.push(client, server)
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => undefined)
  })
  line.listen(0, '127.0.0.1')
  await once(line, 'listening')
  const through = new URL(url)
  through.host = `127.0.0.1:${(line.address() as AddressInfo).port}`
  const pool = makeTestPool(through.href)
  let sent: unknown[] = []
  const held = inTransaction(pool, async (connection) => {
    await connection.query('SELECT 1')
    sent = vi.spyOn(connection, 'query').mock.calls
    for (const socket of sockets) socket.unpipe().pause()
    await connection.query('SELECT 1')
  })
  await expect(held).rejects.toSatisfy(isConnectionLost)
  // Asking it to roll back would have taken as long again.
  expect(sent).toEqual([['SELECT 1']])
  expect(pool.totalCount).toBe(0)
  for (const socket of sockets) socket.destroy()
  line.close()
})

test('a connection that has nothing to do is no silent one, and is watched when it is asked again', async () => {
  const pool = makeTestPool(url, { silenceMsMax: 2_000 })
  const connection = await pool.connect()
  const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection
  await once(stream, 'timeout')
  expect((await connection.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  stream.pause()
  await expect(connection.query('SELECT 1')).rejects.toSatisfy(isConnectionLost)
  connection.release(true)
})

test('a query leaves nothing behind that only a full collection of memory would find', async () => {
  const connection = await makeTestPool(url).connect()
  const [bytes, count] = [10_000, 1_000]
  const left = await bytesLeftBehind(count, () =>
    connection.query('SELECT $1::text AS text', ['x'.repeat(bytes)]),
  )
  connection.release(true)
  expect(left).toBeLessThan((bytes * count) / 10)
})

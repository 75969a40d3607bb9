import { randomUUID } from 'node:crypto'
import type { Connection } from '@quits/kit/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eur, type Scene, setScene } from '../testing/scene.ts'
import { serveDebts } from '../testing/people.ts'
import { loadBooks, lockBooks } from './load.ts'

let scene: Scene
let other: Awaited<ReturnType<typeof serveDebts>>

beforeAll(async () => {
  scene = await setScene()
  // A second process on the same database, as far as the database can tell: connections of its own.
  other = await serveDebts(scene)
})
afterAll(async () => {
  await other.close()
  await scene.close()
})

const advance = (minor: string) => ({ kind: 'advance', amount: eur(minor) })

test('two writers on one hot debt: no balance is stale, no seq is used twice', async () => {
  const id = await scene.openDebtWithBo()
  const path = `/v1/debts/${id}/transactions`
  const posts = Array.from({ length: 200 }, (_, index) => {
    const server = index % 2 === 0 ? scene : other
    return server.request(scene.bo, 'POST', path, advance('1'))
  })
  const balances = (await Promise.all(posts)).map(({ body }) => {
    const { balance } = body as { balance: { minor: string } }
    return Number(balance.minor)
  })
  const expected = Array.from({ length: 200 }, (_, index) => 4_001 + index)
  expect(balances.toSorted((a, b) => a - b)).toEqual(expected)
  const { rows } = await scene.admin.query<{ seqs: number[]; posted: bigint }>(
    `SELECT array_agg(t.seq ORDER BY t.seq) AS seqs,
       (SELECT posted_minor FROM accounts a WHERE a.book_id = $1 AND no = 1) AS posted
     FROM transactions t WHERE t.book_id = $1`,
    [id],
  )
  expect(rows[0]?.posted).toBe(4_200n)
  expect(rows[0]?.seqs).toEqual(Array.from({ length: 202 }, (_, index) => index + 1))
})

type Load = (connection: Connection, id: string) => Promise<bigint | undefined>

const lockThenLoad: Load = async (connection, id) => {
  const [locked] = await lockBooks(connection, [id])
  const [book] = await loadBooks(connection, [id])
  expect(locked?.posted).toBe(`{${book?.accounts.map(({ postedMinor }) => postedMinor).join()}}`)
  return book?.accounts[0]?.postedMinor
}

/** The twin: one joined statement. What waits for the lock reads the joined rows of before. */
const lockAndLoadAtOnce: Load = async (connection, id) => {
  const { rows } = await connection.query<{ posted_minor: bigint }>(
    `SELECT a.posted_minor FROM books b JOIN accounts a ON a.book_id = b.book_id AND a.no = 1
     WHERE b.book_id = $1 FOR NO KEY UPDATE OF b`,
    [id],
  )
  return rows[0]?.posted_minor
}

/** What `load` sees of a balance that somebody else changes while it waits for the lock. */
const seenAfterWaiting = async (load: Load): Promise<bigint | undefined> => {
  const id = await scene.openDebtWithBo()
  const rival = await scene.pool.connect()
  const waiting = await scene.pool.connect()
  try {
    await rival.query('BEGIN')
    await rival.query('UPDATE books SET posted_minor[1] = 9 WHERE book_id = $1', [id])
    await waiting.query('BEGIN')
    const { rows } = await waiting.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const seen = load(waiting, id)
    await expect
      .poll(async () => {
        const sql = 'SELECT wait_event_type FROM pg_stat_activity WHERE pid = $1'
        return (await scene.admin.query(sql, [rows[0]?.pid])).rows[0]
      })
      .toEqual({ wait_event_type: 'Lock' })
    await rival.query('COMMIT')
    return await seen
  } finally {
    await waiting.query('ROLLBACK')
    rival.release()
    waiting.release()
  }
}

test('a load that waited for the lock reads what the lock protected', async () => {
  expect(await seenAfterWaiting(lockThenLoad)).toBe(9n)
})

test('lock and load in one joined statement read a stale balance', async () => {
  expect(await seenAfterWaiting(lockAndLoadAtOnce)).toBe(4_000n)
})

test('the same key sent to both writers at once has one effect', async () => {
  const id = await scene.openDebtWithBo()
  const path = `/v1/debts/${id}/transactions`
  const key = { 'idempotency-key': randomUUID() }
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? scene : other).request(scene.bo, 'POST', path, advance('5'), key),
    ),
  )
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
})

// G12: ids are given before the commit, so the lower one may appear last. No event may be skipped.
import { randomUUID } from 'node:crypto'
import { makeLog } from '@quits/kit/log'
import { type Connection, makePool, type Pool } from '@quits/kit/postgres'
import type { OutboxEvent } from '../../../expenses-service/src/outbox/event.ts'
import {
  addEvents,
  deleteWaiting,
  oldestBatches,
} from '../../../expenses-service/src/outbox/store.ts'
import type { Scenario } from '../scenario.ts'
import { makeDatabase, type World } from '../world.ts'

const pairsAtOnce = 20
const batchRows = 200

export const lateCommits: Scenario = {
  id: 'G12',
  what: 'the lower id commits last, again and again: the relay skips nothing',
  needs: 'any',
  async play(world, run) {
    const pairs = run.short ? 200 : 1_000
    const relay = await carryAll(world, pairs, makeOldestFirst())
    const twin = await carryAll(world, pairs, makeCursor())
    return {
      figures: {
        commits: relay.told,
        lateOnes: pairs,
        skipped: relay.skipped,
        twinSkipped: twin.skipped,
      },
      faults: relay.skipped === 0 ? [] : [`${relay.skipped} of ${relay.told} events were skipped`],
      struck: pairs,
      twinCaught: twin.skipped > 0,
    }
  },
}

/** Takes what waits; the ids of the events it carried. */
type Carry = (connection: Connection) => Promise<string[]>

/** As the service's relay does: the oldest rows without a cursor, deleted after the ack. */
const makeOldestFirst = (): Carry => async (connection) => {
  const batches = await oldestBatches(connection, batchRows)
  await deleteWaiting(
    connection,
    'outbox_batches',
    batches.map(({ id }) => id),
  )
  return batches.flatMap(({ events }) => events.map(({ event }) => idIn(event)))
}

/** The broken twin: remembers how far it got. */
function makeCursor(): Carry {
  let last = 0n
  return async (connection) => {
    const { rows } = await connection.query<{ id: bigint; event: string }>(
      'SELECT id, event FROM outbox_events WHERE id > $1 ORDER BY id LIMIT $2',
      [last, batchRows],
    )
    last = rows.at(-1)?.id ?? last
    return rows.map(({ event }) => idIn(event))
  }
}

const idIn = (event: string) => (JSON.parse(event) as { id: string }).id

/** On a database of its own: elsewhere rows have to stay until a run is reconciled. */
async function carryAll(world: World, pairs: number, carry: Carry) {
  const database = await makeDatabase(world.databaseUrl)
  const log = makeLog({ service: 'faults', level: 'silent' })
  const connectionsMax = pairsAtOnce + 4
  const pool = makePool({ url: database.url, name: 'faults', connectionsMax, log })
  const carried = new Set<string>()
  const relay = await pool.connect()
  const carryNow = async () => {
    for (const id of await carry(relay)) carried.add(id)
  }
  try {
    let told = 0
    for (let done = 0; done < pairs; done += pairsAtOnce) {
      const slow = await Promise.all(Array.from({ length: pairsAtOnce }, () => beginSlow(pool)))
      await tell(relay, pairsAtOnce)
      await carryNow()
      for (const connection of slow) {
        await connection.query('COMMIT')
        connection.release()
      }
      await carryNow()
      told += 2 * pairsAtOnce
    }
    return { told, skipped: told - carried.size }
  } finally {
    relay.release()
    await pool.end()
    await database.drop()
  }
}

async function beginSlow(pool: Pool): Promise<Connection> {
  const connection = await pool.connect()
  await connection.query('BEGIN')
  await tell(connection, 1)
  return connection
}

const tell = (connection: Connection, count: number) =>
  addEvents(connection, Array.from({ length: count }, makeEvent))

/** As much of an event as the outbox looks at. */
function makeEvent(): OutboxEvent {
  const key = randomUUID()
  const event = { id: `${key}:1` } as OutboxEvent['event']
  return { topic: 'books', key, event }
}

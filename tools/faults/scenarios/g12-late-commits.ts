// G12: ids are given before the commit, so the lower one may appear last. No event may be skipped. The
// service's own relay carries them, to a broker that is only an ear.
import { randomUUID } from 'node:crypto'
import type { KafkaPort } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { type Connection, makePool, type Pool } from '@quits/kit/postgres'
import { topicNames } from '@quits/proto/cloud-event'
import type { OutboxEvent } from '../../../expenses-service/src/outbox/event.ts'
import { makeEventRelay } from '../../../expenses-service/src/outbox/event-relay.ts'
import { makeGiveWay } from '../../../expenses-service/src/outbox/give-way.ts'
import { makeRelay, type Relay } from '../../../expenses-service/src/outbox/relay.ts'
import { addEvents } from '../../../expenses-service/src/outbox/store.ts'
import { makeWillingBroker } from '../../../expenses-service/src/testing/broker.ts'
import type { Scenario } from '../scenario.ts'
import { makeDatabase, type World } from '../world.ts'

const pairsAtOnce = 20
const batchRows = 200
const heardWithinMs = 30_000
const log = makeLog({ service: 'faults', level: 'silent' })
const never = makeGiveWay({ msMax: 0, now: () => performance.now(), say: () => {} })

export const lateCommits: Scenario = {
  id: 'G12',
  what: 'the lower id commits last, again and again: the relay skips nothing',
  needs: 'any',
  async play(world, run) {
    const pairs = run.short ? 200 : 1_000
    const relay = await carryAll(world, pairs, (pool, kafka) =>
      makeEventRelay({ pool, kafka, brokerPrefix: 'g12', giveWay: never, log }),
    )
    const twin = await carryAll(world, pairs, makeCursorRelay)
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

/** The broken twin: the same loop, and it remembers how far it got. */
function makeCursorRelay(pool: Pool, kafka: KafkaPort): Relay {
  const producer = kafka.makeProducer()
  const { books } = topicNames('g12')
  let last = 0n
  return makeRelay({
    name: 'cursor',
    pool,
    lockKey: 7_158_278_812,
    log,
    async carry(connection) {
      const { rows } = await connection.query<{ id: bigint; key: string; event: string }>(
        'SELECT id, key, event FROM outbox_events WHERE id > $1 ORDER BY id LIMIT $2',
        [last, batchRows],
      )
      if (rows.length === 0) return 'when woken'
      const records = rows.map(({ key, event }) => ({ key, value: event }))
      await producer.send(books, records)
      last = rows.at(-1)?.id ?? last
      return 'at once'
    },
  })
}

/** A broker that acknowledges everything, and says when it heard of an event. */
function makeEar() {
  const heard = new Set<string>()
  const awaited = new Map<string, () => void>()
  const kafka = makeWillingBroker((records) => {
    for (const { value } of records) {
      const { id } = JSON.parse(value) as { id: string }
      heard.add(id)
      awaited.get(id)?.()
    }
  })
  const hears = async (id: string) => {
    if (heard.has(id)) return
    const giveUp = AbortSignal.timeout(heardWithinMs)
    await new Promise<void>((resolve, reject) => {
      awaited.set(id, resolve)
      giveUp.addEventListener('abort', () => reject(new Error('the relay carries nothing')))
    })
  }
  return { kafka, heard, hears }
}

/** On a database of its own: elsewhere rows have to stay until a run is reconciled. */
async function carryAll(
  world: World,
  pairs: number,
  makeOne: (pool: Pool, kafka: KafkaPort) => Relay,
) {
  const database = await makeDatabase(world.databaseUrl)
  const connectionsMax = pairsAtOnce + 4
  const pool = makePool({ url: database.url, name: 'faults', connectionsMax, log })
  const { kafka, heard, hears } = makeEar()
  const relay = makeOne(pool, kafka)
  const stopping = new AbortController()
  const running = relay.run(stopping.signal)
  /** Everything that is committed by now is carried, or never: it has lower ids than this one. */
  const carryUpToNow = async () => {
    const mark = makeEvent()
    await addEventsNow(pool, [mark])
    relay.wake()
    await hears(mark.event.id)
  }
  try {
    const told: string[] = []
    for (let done = 0; done < pairs; done += pairsAtOnce) {
      const slow = await Promise.all(Array.from({ length: pairsAtOnce }, () => beginSlow(pool)))
      const quick = Array.from({ length: pairsAtOnce }, makeEvent)
      await addEventsNow(pool, quick)
      await carryUpToNow()
      for (const { connection } of slow) {
        await connection.query('COMMIT')
        connection.release()
      }
      await carryUpToNow()
      told.push(...slow.map(({ id }) => id), ...quick.map(({ event }) => event.id))
    }
    return { told: told.length, skipped: told.filter((id) => !heard.has(id)).length }
  } finally {
    stopping.abort()
    await running
    await pool.end()
    await database.drop()
  }
}

async function beginSlow(pool: Pool): Promise<{ connection: Connection; id: string }> {
  const connection = await pool.connect()
  const one = makeEvent()
  await connection.query('BEGIN')
  await addEvents(connection, [one])
  return { connection, id: one.event.id }
}

async function addEventsNow(pool: Pool, events: OutboxEvent[]): Promise<void> {
  const connection = await pool.connect()
  try {
    await addEvents(connection, events)
  } finally {
    connection.release()
  }
}

/** As much of an event as the outbox looks at. */
function makeEvent() {
  const key = randomUUID()
  return { topic: 'books' as const, key, event: { id: `${key}:1` } }
}

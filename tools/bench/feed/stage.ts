// Where the feed's bench plays: the services a feed needs, as the launcher starts them, with the
// bounds on one person and one address lifted, because the crowd comes from one machine.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { topicNames } from '@quits/proto/cloud-event'
import { makeLatch } from './latch.ts'
import { local } from '../../launcher/addresses.ts'
import { planServices } from '../../launcher/service-plans.ts'
import { startServices } from '../../launcher/services.ts'
import { treeCpuUs } from '../cpu.ts'
import { type Ground, nowhere, startBacking } from '../ground.ts'

export const log = makeLog({ service: 'bench', level: 'fatal' })
export const workers = 2
const workersMsMax = 30_000
const restMsMax = 120_000
const calmMs = 2_000
/** Of a core: what a store takes that does something now and then. */
const restingShare = 0.1
/** The launcher's bounds are for a developer's few sockets. */
const heapMb = 512

export type Stage = Awaited<ReturnType<typeof openStage>>

/** Starts what is behind and in front of a feed, expenses excepted. */
export async function openStage(ground: Ground) {
  const { house, at } = ground
  const [kafka, redis, mongo] = await Promise.all([
    ground.kafka(),
    startBacking(house, 'redis'),
    startBacking(house, 'mongo'),
  ])
  const servers = {
    postgres: ground.postgres.url,
    kafka: kafka.url,
    redis: redis.url,
    mongo: mongo.url,
    rabbitmq: `amqp://${nowhere}`,
    ses: `http://${nowhere}`,
  }
  const told = { at, servers, secrets: house.secrets, env: {} }
  const plans = planServices(told).filter(({ name }) => own.has(name))
  for (const plan of plans) {
    plan.heapMb = heapMb
    Object.assign(plan.env, { LOG_LEVEL: 'error' }, envOf(plan.name, house))
  }
  const services = await startServices(plans, house)
  const door = new URL(at.frontDoor)
  const metricsUrl = `http://${local(at.proxy.metrics)}/metrics`
  await makeLatch(workersMsMax)(async () => {
    const text = await (await fetch(metricsUrl)).text()
    return text.includes(`quits_proxy_workers{service="proxy"} ${workers}`)
  }, 'every worker of the front door')

  const pidOf = (name: 'notifier' | 'proxy') => {
    const { pid } = services[name]
    if (pid === undefined) throw new Error(`${name} has ended`)
    return pid
  }
  const askNotifier = async (figure: string): Promise<number> => {
    const text = await (await fetch(`http://${local(at.notifier.metrics)}/metrics`)).text()
    const found = new RegExp(`^${figure}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1]
    if (found === undefined) throw new Error(`the notifier tells no ${figure}`)
    return Number(found)
  }

  /**
   * Resolves when the notifier reads what comes and has nothing in hand, for longer than a fetch takes:
   * one that has just joined its group knows of nothing. Its last batch tells of its lag for ten seconds.
   * With when it stored the last one, by `performance.now`.
   */
  const notifierRests = async (): Promise<number> => {
    let restsSinceMs: number | undefined
    let stored = { count: -1, atMs: 0 }
    await makeLatch(restMsMax)(async () => {
      const count = await askNotifier('quits_feed_stored_total')
      if (count !== stored.count) stored = { count, atMs: performance.now() }
      const isResting = (await askNotifier('quits_feed_lag_seconds')) === 0
      restsSinceMs = isResting ? (restsSinceMs ?? performance.now()) : undefined
      return restsSinceMs !== undefined && performance.now() - restsSinceMs >= calmMs
    }, 'rest at the notifier')
    return stored.atMs
  }

  /** Resolves when the store has put away what it was given, for a second. */
  const storeRests = async () => {
    const looksMax = restMsMax / 1_000
    for (let look = 0; look < looksMax; look += 1) {
      const before = treeCpuUs(mongo.pid)
      await delay(1_000)
      if (treeCpuUs(mongo.pid) - before < restingShare * 1_000_000) return
    }
    throw new Error('no rest at the store')
  }

  return {
    ground,
    url: at.frontDoor,
    port: Number(door.port),
    kafkaUrl: kafka.url,
    books: topicNames('quits').books,
    kafka: makeKafka({ brokers: kafka.url, clientId: 'bench', log }),
    /** How many notifications the notifier has stored. */
    stored: () => askNotifier('quits_feed_stored_total'),
    notifierRests,
    async readersRest() {
      const storedAtMs = await notifierRests()
      await storeRests()
      return storedAtMs
    },
    /** The front door's is its keeper, whose children are the workers. */
    pids: () => ({ notifier: pidOf('notifier'), proxy: pidOf('proxy') }),
  }
}

const own = new Set(['throttler', 'notifier', 'proxy'])

const envOf = (name: string, house: Ground['house']): Record<string, string> => {
  if (name === 'throttler') return { POLICY_FILE: writePolicies(house.dataDir) }
  // All of them at once keep two cores busy for longer than a throttler may usually take.
  if (name === 'proxy') return { WORKERS: String(workers), GATE_DEADLINE_MS: '1000' }
  return {
    FEED_SOCKETS_PER_USER_MAX: '20000',
    FEED_SOCKETS_PER_ADDRESS_MAX: '20000',
    FEED_SOCKETS_MAX: '20000',
    FEED_KEPT_FEEDS_MAX: '20000',
    // Bare upgrades send no connect frame until all of them are through.
    FEED_CONNECT_MS: '60000',
  }
}

/** Everything is asked and counted as always; only nobody is refused. */
function writePolicies(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const classes = {
    api: { subject: 'caller' },
    feed: { subject: 'caller' },
    'sign-in': { subject: 'address' },
    static: { subject: 'address' },
  }
  const policies = ['anonymous', 'unactivated', 'activated', 'service'].flatMap((tier) =>
    Object.entries(classes)
      // What goes by address knows no tiers.
      .filter(([, { subject }]) => subject === 'caller' || tier === 'anonymous')
      .map(([routeClass]) => ({
        name: `${tier}-${routeClass}`,
        tier,
        class: routeClass,
        capacity: 1_000_000,
        leak: 1_000_000,
      })),
  )
  const file = join(folder, 'policies.json')
  writeFileSync(file, JSON.stringify({ classes, policies }))
  return file
}

// Where the faults of the feed play: Kafka, MongoDB and Redis, a notifier as a process, a fault
// proxy between it and its devices, and an authority on tokens that answers by gRPC.
import { join } from 'node:path'
import { type Bench, clientOf, makeBench } from '../../../notifier-service/test/bench.ts'
import { type House, openHouse } from '../../launcher/house.ts'
import { repoDir } from '../../launcher/node-flags.ts'
import type { ServerName } from '../../launcher/part.ts'
import { startServer } from '../../launcher/servers.ts'
import type { Supervised } from '../../launcher/supervise.ts'
import { kafka } from '../../servers/kafka.ts'
import { mongo } from '../../servers/mongo.ts'
import { redis } from '../../servers/redis.ts'
import { startNodeProcess } from '../node-process.ts'
import { httpFrames } from '../proxy/http-frames.ts'
import { startTcpProxy, type TcpProxy } from '../proxy/tcp-proxy.ts'
import type { Stage } from '../scenario.ts'
import { makeSender, type Sender } from './sender.ts'

export interface Notifier {
  process: Supervised
  port: number
  metricsPort: number
  /** Devices and requests go through here. */
  line: TcpProxy
  /** What people do, through the line. */
  people: ReturnType<typeof clientOf>
}

export interface FeedWorld extends Stage {
  bench: Bench
  notifier: Notifier
  /** Another one beside it; `overrides` are environment variables. */
  startNotifier: (name: string, overrides?: Record<string, string>) => Promise<Notifier>
  send: Sender['send']
  /** Absent where the servers are lent and must not be killed. */
  servers: Partial<Record<ServerName, Supervised>>
  house: House
  close: () => Promise<void>
}

/**
 * Everybody comes from one address here, and dead members should not be missed for long. Each ping
 * is a question to the store: a thousand devices must not ask it a thousand times a second.
 */
const notifierEnv = {
  HOST: '127.0.0.1',
  KAFKA_SESSION_MS: '6000',
  FEED_PING_MS: '5000',
  FEED_SOCKETS_PER_ADDRESS_MAX: '5000',
}
/** As in production: see tools/launcher/service-plans.ts. */
const heapMb = 160
const exitMsMax = 25_000

/** `lent` says whether the servers of the environment are used, or own ones that may be killed. */
export async function openFeedWorld({ name, lent }: { name: string; lent: boolean }) {
  const dataDir = join(repoDir, '.data', `faults-${name}`)
  const env = { ...process.env }
  if (!lent) for (const { variable } of [kafka, mongo, redis]) delete env[variable]
  const house = await openHouse({ dataDir, env, fresh: true, print: () => undefined })
  try {
    return await build(house)
  } catch (error) {
    await house.stop()
    throw error
  }
}

async function build(house: House): Promise<FeedWorld> {
  const [onKafka, onMongo, onRedis] = await Promise.all(
    [kafka, mongo, redis].map((server) => startServer(server, house)),
  )
  const ground = { kafka: onKafka?.url, mongo: onMongo?.url, redis: onRedis?.url }
  const { kafka: kafkaUrl = '', mongo: mongoUrl = '', redis: redisUrl = '' } = ground
  const bench = await makeBench({ kafka: kafkaUrl, mongo: mongoUrl, redis: redisUrl })
  const sender = makeSender(bench.kafka, bench.topics)
  const deaths: string[][] = []
  const lines: TcpProxy[] = []

  const startNotifier: FeedWorld['startNotifier'] = async (name, overrides = {}) => {
    const port = await house.ports.claim(`${name}-http`)
    const metricsPort = await house.ports.claim(`${name}-metrics`)
    const started = await startNodeProcess(house, {
      name,
      folder: 'notifier-service',
      heapMb,
      metricsPort,
      graceMs: exitMsMax,
      env: {
        ...bench.env,
        ...notifierEnv,
        LOG_LEVEL: 'warn',
        HTTP_PORT: String(port),
        METRICS_PORT: String(metricsPort),
        ...overrides,
      },
    })
    deaths.push(started.deaths)
    const line = await startTcpProxy({ host: '127.0.0.1', port }, httpFrames)
    lines.push(line)
    return {
      process: started.process,
      port,
      metricsPort,
      line,
      people: clientOf(line.port),
    }
  }
  const notifier = await startNotifier('notifier')
  return {
    bench,
    notifier,
    startNotifier,
    send: sender.send,
    servers: {
      ...(onKafka?.process === undefined ? {} : { kafka: onKafka.process }),
      ...(onMongo?.process === undefined ? {} : { mongo: onMongo.process }),
    },
    house,
    deaths: () => deaths.flatMap((some) => some.splice(0)),
    async close() {
      await notifier.process.stop()
      await Promise.all(lines.map((line) => line.close()))
      await sender.close()
      await bench.stop()
      await house.stop()
    },
  }
}

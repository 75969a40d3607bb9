// expenses-service as a real process that can be killed, paused and brought back.
import { randomBytes } from 'node:crypto'
import type { House } from '../launcher/house.ts'
import type { Supervised } from '../launcher/supervise.ts'
import { startNodeProcess } from './node-process.ts'

/** Nobody listens there: the outbox keeps its rows, and can be compared with the journal. */
const noBroker = '127.0.0.1:9'

export interface Broker {
  kafkaUrl: string
  /** Names its topics. */
  prefix: string
}

export interface ServiceProcess {
  httpPort: number
  grpcPort: number
  /** Journal and Identity. */
  internalGrpcPort: number
  seed: Buffer
  issuer: string
  process: Supervised
  /** What the supervisor had to say: each is a death that nobody ordered. */
  deaths: string[]
}

/** Starts it on free ports; resolves when it is ready. The house stops it. */
export async function startService(
  house: House,
  options: { databaseUrl: string; broker?: Broker | undefined },
): Promise<ServiceProcess> {
  const httpPort = await house.ports.claim('expenses-http')
  const grpcPort = await house.ports.claim('expenses-grpc')
  const internalGrpcPort = await house.ports.claim('expenses-internal-grpc')
  const metricsPort = await house.ports.claim('expenses-metrics')
  const seed = randomBytes(32)
  const issuer = 'http://localhost:8080'
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    HTTP_PORT: String(httpPort),
    GRPC_PORT: String(grpcPort),
    INTERNAL_GRPC_PORT: String(internalGrpcPort),
    METRICS_PORT: String(metricsPort),
    POSTGRES_URL: options.databaseUrl,
    KAFKA_URL: options.broker?.kafkaUrl ?? noBroker,
    ...(options.broker === undefined ? {} : { BROKER_PREFIX: options.broker.prefix }),
    RABBITMQ_URL: `amqp://${noBroker}`,
    PUBLIC_URL: issuer,
    QUITS_SECRET: randomBytes(32).toString('base64url'),
    QUITS_SIGNING_KEYS: seed.toString('base64url'),
    QUITS_JOBS_KEY: randomBytes(32).toString('base64url'),
    SIGN_IN_PER_ADDRESS_PER_HOUR: '100000',
  }
  const { process, deaths } = await startNodeProcess(house, {
    name: 'expenses',
    folder: 'expenses-service',
    heapMb: 192,
    metricsPort,
    env,
  })
  return { httpPort, grpcPort, internalGrpcPort, seed, issuer, process, deaths }
}

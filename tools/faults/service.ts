// expenses-service as a real process that can be killed, paused and brought back.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { nodeFlags, nodeProgram, repoDir } from '../launcher/node-flags.ts'
import { waitUntilReady } from '../launcher/readiness.ts'
import { supervise, type Supervised } from '../launcher/supervise.ts'

/** Nobody listens there: the outbox keeps its rows, and can be compared with the journal. */
const noBroker = '127.0.0.1:9'
const readyWithinMs = 60_000
const graceMs = 8_000

export interface ServiceProcess {
  httpPort: number
  grpcPort: number
  seed: Buffer
  issuer: string
  process: Supervised
  /** What the supervisor had to say: each is a death that nobody ordered. */
  deaths: string[]
}

/** Starts it on free ports; resolves when it is ready. The house stops it. */
export async function startService(
  house: House,
  options: { databaseUrl: string; kafkaUrl?: string | undefined },
): Promise<ServiceProcess> {
  const httpPort = await house.ports.claim('expenses-http')
  const grpcPort = await house.ports.claim('expenses-grpc')
  const metricsPort = await house.ports.claim('expenses-metrics')
  const seed = randomBytes(32)
  const issuer = 'http://localhost:8080'
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    HTTP_PORT: String(httpPort),
    GRPC_PORT: String(grpcPort),
    METRICS_PORT: String(metricsPort),
    POSTGRES_URL: options.databaseUrl,
    KAFKA_URL: options.kafkaUrl ?? noBroker,
    RABBITMQ_URL: `amqp://${noBroker}`,
    PUBLIC_URL: issuer,
    QUITS_SECRET: randomBytes(32).toString('base64url'),
    QUITS_SIGNING_KEYS: seed.toString('base64url'),
    QUITS_JOBS_KEY: randomBytes(32).toString('base64url'),
    SIGN_IN_PER_ADDRESS_PER_HOUR: '100000',
  }
  const start = async (signal: AbortSignal) => {
    const child = await house.spawn({
      name: 'expenses',
      command: nodeProgram(),
      args: [...nodeFlags({ heapMb: 192 }), join(repoDir, 'expenses-service', 'src', 'main.ts')],
      cwd: repoDir,
      env,
    })
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`)
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`/readyz says ${answer.status}`)
    }
    const stop = AbortSignal.any([signal, house.signal])
    try {
      const withinMs = readyWithinMs
      await waitUntilReady({ part: 'expenses', child, withinMs, signal: stop, ask })
    } catch (error) {
      await child.stop('SIGKILL', 0)
      throw error
    }
    return child
  }
  const deaths: string[] = []
  const process = await supervise({
    name: 'expenses',
    start,
    stopSignal: 'SIGTERM',
    graceMs,
    say: (text) => deaths.push(`expenses-service ${text}`),
  })
  house.onStop('services', process.stop)
  return { httpPort, grpcPort, seed, issuer, process, deaths }
}

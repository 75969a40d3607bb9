/**
 * Several workers behind one port: a process has one core and may have 20,000 descriptors. This
 * process keeps the workers running and answers for them: readiness, figures, signals. It touches
 * no request.
 *
 * Where the system can deal connections out by itself (SO_REUSEPORT) it does; elsewhere
 * node:cluster does, in turn. A worker that loses this process ends by itself (node:cluster), so
 * that a SIGKILL here leaves nothing behind.
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { backoffMs, reconnectBackoff, sleep } from '@quits/kit/backoff'
import { makeHealth } from '@quits/kit/health'
import type { Log } from '@quits/kit/log'
import { AggregatorRegistry, Gauge, makeInternalPart, Registry } from '@quits/kit/metrics'
import type { Part } from '@quits/kit/run'
import type { Config } from './config.ts'

/** Ends of one worker in a row, each soon after its start, before the whole is given up. */
const failuresMax = 5
/** A worker that served this long has earned a fresh count. */
const settledMs = 60_000
const serving = 'serving'

/** Whether this process is to keep workers and do nothing else. */
export const keepsWorkers = ({ WORKERS }: Config): boolean => WORKERS > 1 && cluster.isPrimary

/** Whether another process keeps this one, and answers for it. */
export const isWorker = (): boolean => cluster.isWorker

/** Whether several processes bind the port; a port that the system chooses can't be shared so. */
export const sharesPort = ({ WORKERS, HTTP_PORT }: Config): boolean =>
  WORKERS > 1 && HTTP_PORT !== 0 && process.platform === 'linux'

/** In a worker: tells when it serves, and gives its figures when asked. */
export const reportToKeeper = (listening: Promise<number>, metrics: Registry): void => {
  if (!cluster.isWorker) return
  // It listens for the questions of the other process.
  void new AggregatorRegistry()
  AggregatorRegistry.setRegistries([metrics])
  listening.then(
    () => process.send?.(serving),
    () => undefined,
  )
}

/** The process that keeps `config.WORKERS` workers. */
export const makeWorkers = (options: { config: Config; log: Log }) => {
  const { config, log } = options
  const workers = new Set<Worker>()
  cluster.on('message', (worker, message) => {
    if (message === serving) workers.add(worker)
  })

  /** Runs one worker to its end; resolves with how long it lived. */
  const live = async (signal: AbortSignal): Promise<number> => {
    const startedAtMs = Date.now()
    const worker = cluster.fork()
    log.info({ pid: worker.process.pid }, 'worker started')
    // The worker's own lifecycle drains, stops in order and keeps to its deadline.
    const stop = () => worker.process.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    const [code, by] = (await once(worker, 'exit')) as [number | null, string | null]
    signal.removeEventListener('abort', stop)
    workers.delete(worker)
    if (!signal.aborted) log.warn({ pid: worker.process.pid, code, signal: by }, 'worker ended')
    return Date.now() - startedAtMs
  }

  /** One seat: whoever ends is followed by another, a little later each time. */
  const keep = async (signal: AbortSignal) => {
    for (let failures = 0; !signal.aborted; ) {
      const livedMs = await live(signal)
      failures = livedMs > settledMs ? 1 : failures + 1
      if (failures > failuresMax) throw new Error(`a worker ended ${failures} times in a row`)
      await sleep(100 + backoffMs(reconnectBackoff, failures, Math.random()), signal)
    }
  }

  const keeping: Part = {
    name: 'workers',
    async run(signal) {
      if (sharesPort(config)) await mustBeFree(config.HTTP_PORT, config.HOST)
      if (signal.aborted) return
      await Promise.all(Array.from({ length: config.WORKERS }, () => keep(signal)))
    },
  }

  // One worker that serves is an open door; the others are a matter of room.
  const health = makeHealth({ http: () => workers.size > 0 })
  const internal = makeInternalPart({
    host: config.HOST,
    port: config.METRICS_PORT,
    health,
    metrics: makeFigures(() => workers.size),
  })
  return { health, internal, parts: [internal, keeping] }
}

/** The sums over all workers, and how many there are. */
const makeFigures = (count: () => number) => {
  const sums = new AggregatorRegistry()
  const own = new Registry()
  own.setDefaultLabels({ service: 'proxy' })
  const gauge = new Gauge({
    name: 'quits_proxy_workers',
    help: 'Workers that serve',
    registers: [],
    collect() {
      this.set(count())
    },
  })
  own.registerMetric(gauge)
  return {
    contentType: own.contentType,
    metrics: async () => `${await sums.clusterMetrics()}\n${await own.metrics()}`,
  }
}

/** Sharing is for our own workers: a stranger on this port must fail the start as it always did. */
const mustBeFree = async (port: number, host: string) => {
  const probe = createServer().listen({ port, host })
  await once(probe, 'listening')
  probe.close()
  await once(probe, 'close')
}

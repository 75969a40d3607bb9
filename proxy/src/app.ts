/** Builds the front door from its connections; nothing listens yet. */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { atMostEvery } from '@quits/kit/at-most-every'
import type { makeGrpcClient } from '@quits/kit/grpc'
import { makeHealth } from '@quits/kit/health'
import { makeHttpPart } from '@quits/kit/http'
import type { Log } from '@quits/kit/log'
import { makeInternalPart, makeMetrics } from '@quits/kit/metrics'
import type { throttlerContract } from '@quits/proto/grpc'
import type { Config } from './config.ts'
import { makeFigures } from './figures.ts'
import { makeForward } from './forward.ts'
import { makeFrontDoor } from './front-door.ts'
import { makeGate } from './gate.ts'
import { makeInsurance } from './insurance.ts'
import { makeSpread } from './spread.ts'
import { makeStatic } from './static.ts'
import { makeUpgrade } from './upgrade.ts'
import { makeWebFiles } from './web-files.ts'
import { sharesPort } from './workers.ts'

const blindLogMsMin = 1_000
/** Shorter than services keep idle connections (65 s), so that none is taken as it closes. */
const idleSocketMs = 30_000
const socketsPerServiceMax = 512
const idleSocketsMax = 128
const inFlightMax = 4_000
/**
 * Sockets and streams of one worker. A stream takes two descriptors, and Linux commonly allows a
 * process 20,000: the rest is left to brief requests.
 */
const lastingMax = 8_000
/** The first call would otherwise pay for the connection within its short deadline. */
const connectMsMax = 1_000

type ThrottlerClient = ReturnType<
  typeof makeGrpcClient<NonNullable<(typeof throttlerContract)['methods']>>
>

export const makeApp = (options: { config: Config; log: Log; throttler: ThrottlerClient }) => {
  const { config, log, throttler } = options
  const agent = new Agent({
    keepAlive: true,
    keepAliveMsecs: idleSocketMs,
    maxSockets: socketsPerServiceMax,
    maxFreeSockets: idleSocketsMax,
    timeout: idleSocketMs,
    scheduling: 'lifo',
  })
  // A socket for each stream, closed with it.
  const streamAgent = new Agent({ keepAlive: false })
  const metrics = makeMetrics('proxy')
  const figures = makeFigures(metrics, {
    inFlight: () => forward.inFlight(),
    upgrades: () => upgrade.open(),
  })
  const shared = { log, figures: () => figures }
  const notifiers = makeSpread({ urls: config.NOTIFIER_URL, now: Date.now })
  const forward = makeForward({
    ...shared,
    expensesUrl: config.EXPENSES_URL,
    notifiers,
    lanes: {
      brief: { agent, isFull: (inFlight) => inFlight >= inFlightMax },
      lasting: { agent: streamAgent, isFull: (streams) => streams + upgrade.open() >= lastingMax },
    },
    timeoutMs: config.UPSTREAM_TIMEOUT_MS,
    bodyBytesMax: config.BODY_BYTES_MAX,
  })
  const upgrade = makeUpgrade({
    ...shared,
    notifiers,
    isFull: (sockets) => sockets + forward.lasting() >= lastingMax,
    stallMs: config.CLIENT_STALL_MS,
  })
  const tellBlind = atMostEvery(blindLogMsMin, (error: unknown) => {
    log.warn({ err: error }, 'the throttler does not answer; the insurance does')
  })
  const gate = makeGate({
    throttler: throttler.dialogue('Checks'),
    deadlineMs: config.GATE_DEADLINE_MS,
    insurance: makeInsurance({ replicas: config.REPLICAS * config.WORKERS }),
    now: Date.now,
    onFailure: (fault, error) => {
      figures.gateFailed(fault)
      tellBlind(error)
    },
  })
  const files = makeWebFiles(config.WEB_ROOT)
  const frontDoor = makeFrontDoor({
    publicUrl: config.PUBLIC_URL,
    trustedHops: config.TRUSTED_HOPS,
    bodyBytesMax: config.BODY_BYTES_MAX,
    gate,
    forward,
    upgrade,
    serveStatic: makeStatic({ files, publicHost: new URL(config.PUBLIC_URL).host }),
    log,
    figures: () => figures,
  })

  const host = config.HOST
  const http = makeHttpPart({
    name: 'http',
    host,
    port: config.HTTP_PORT,
    reusePort: sharesPort(config),
    handler: frontDoor.onRequest,
    onUpgrade: frontDoor.onUpgrade,
  })
  let serving = false
  http.listening.then(
    () => {
      serving = true
    },
    () => undefined,
  )
  // Services and throttler have their own readiness; the door is open as soon as it listens.
  const health = makeHealth({ http: () => serving })
  const internal = makeInternalPart({ host, port: config.METRICS_PORT, health, metrics })
  const connecting = {
    name: 'throttler connection',
    async run(signal: AbortSignal) {
      while (!signal.aborted && !(await throttler.ready(connectMsMax))) {
        log.debug({}, 'the throttler is not there yet')
      }
      if (!signal.aborted) await once(signal, 'abort')
      agent.destroy()
      streamAgent.destroy()
    },
  }
  return { health, http, internal, metrics, parts: [connecting, http, upgrade.part] }
}

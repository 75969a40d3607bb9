/** Builds the throttler from its connections; nothing listens yet. */
import { atMostEvery } from '@quits/kit/at-most-every'
import { makeGrpcPart } from '@quits/kit/grpc'
import { makeHealth } from '@quits/kit/health'
import { makeHttpPart } from '@quits/kit/http'
import type { KafkaPort } from '@quits/kit/kafka'
import type { Log } from '@quits/kit/log'
import { makeInternalPart, makeMetrics } from '@quits/kit/metrics'
import type { Redis } from 'ioredis'
import { type IdentityClient, makeAuthority } from './authority.ts'
import { makeBuckets } from './buckets.ts'
import { makeCheck } from './check.ts'
import type { Config } from './config.ts'
import { makeFigures } from './figures.ts'
import { makeThrottlerService } from './grpc.ts'
import { makeHttpEdge } from './http.ts'
import { makeIdentity } from './identity.ts'
import { makeInsurance } from './insurance.ts'
import { makeInvalidation } from './invalidation.ts'
import { fetchKeysFrom, makeKeys } from './keys.ts'
import { openPolicyFile } from './policy-file.ts'

const blindLogMsMin = 1_000

export const makeApp = (options: {
  config: Config
  log: Log
  redis: Redis
  kafka: KafkaPort
  identityClient: IdentityClient
}) => {
  const { config, log, redis } = options
  const now = Date.now

  const keys = makeKeys({ fetchKeys: fetchKeysFrom(config.JWKS_URL), log })
  const authority = makeAuthority(options.identityClient)
  const invalidation = makeInvalidation({
    kafka: options.kafka,
    prefix: config.BROKER_PREFIX,
    identity: () => identity,
  })
  const identity = makeIdentity({
    keys,
    authority,
    liveSinceMs: invalidation.liveSinceMs,
    now,
    random: Math.random,
  })

  const policyFile = openPolicyFile({
    path: config.POLICY_FILE,
    log,
    onReload: (outcome) => {
      figures.reloaded(outcome)
      check.forgetDenials()
    },
  })
  const check = makeCheck({
    policies: policyFile.current,
    identity,
    buckets: makeBuckets({ redis }),
    insurance: makeInsurance({ replicas: config.REPLICAS }),
    keyPrefix: `${config.BROKER_PREFIX}.limit:`,
    now,
    onDecision: (decision, routeClass) => figures.decided(decision, routeClass),
    onBlind: atMostEvery(blindLogMsMin, (error: unknown) => {
      log.warn({ err: error }, 'Redis cannot answer; the insurance does')
    }),
  })

  const metrics = makeMetrics('throttler')
  const figures = makeFigures(metrics, {
    redisReady: () => redis.status === 'ready',
    breakerOpen: authority.open,
    keysLoaded: keys.loaded,
    invalidationLive: invalidation.ready,
    policyVersion: policyFile.version,
  })
  const host = config.HOST
  const services = [makeThrottlerService(check)]
  const grpc = makeGrpcPart({ host, port: config.GRPC_PORT, services, log })
  let serving = false
  grpc.listening.then(
    () => {
      serving = true
    },
    () => undefined,
  )
  // Redis and identity have insurances, so their absence is shown as figures, not as unreadiness.
  const health = makeHealth({ grpc: () => serving })
  const handler = makeHttpEdge({ check, log })
  const http = makeHttpPart({ name: 'http', host, port: config.HTTP_PORT, handler })
  const internal = makeInternalPart({ host, port: config.METRICS_PORT, health, metrics })

  return {
    health,
    check,
    identity,
    invalidation,
    grpc,
    http,
    internal,
    parts: [internal, keys, policyFile, invalidation, grpc, http],
  }
}

/** The throttler's figures for operators. */
import { Counter, Gauge, type Registry } from '@quits/kit/metrics'
import type { RateDecision } from '@quits/proto/grpc'

/** Counters and gauges on `registry`; the functions are asked at each scrape. */
export const makeFigures = (
  registry: Registry,
  state: {
    redisReady: () => boolean
    breakerOpen: () => boolean
    keysLoaded: () => boolean
    invalidationLive: () => boolean
    policyVersion: () => string
  },
) => {
  const registers = [registry]
  const checks = new Counter({
    name: 'quits_throttler_checks_total',
    help: 'Checks by tier, route class and outcome; degraded ones were answered without Redis or identity',
    labelNames: ['tier', 'class', 'outcome', 'degraded'],
    registers,
  })
  const reloads = new Counter({
    name: 'quits_throttler_policy_reloads_total',
    help: 'Changed policy files, taken or refused',
    labelNames: ['outcome'],
    registers,
  })
  const gauge = (name: string, help: string, ask: () => boolean) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(ask() ? 1 : 0)
      },
    })
  gauge('quits_throttler_redis_up', 'The Redis connection stands', state.redisReady)
  gauge('quits_throttler_breaker_open', 'Identity is not asked', state.breakerOpen)
  gauge('quits_throttler_keys_loaded', 'Tokens can be checked here', state.keysLoaded)
  gauge('quits_throttler_invalidation_live', 'User events arrive', state.invalidationLive)
  const version = new Gauge({
    name: 'quits_throttler_policy_version',
    help: 'The policy file in use',
    labelNames: ['version'],
    registers,
  })
  const showVersion = () => {
    version.reset()
    version.set({ version: state.policyVersion() }, 1)
  }
  showVersion()

  return {
    decided({ tier, allowed, degraded }: RateDecision, routeClass: string): void {
      const outcome = allowed ? 'allowed' : 'denied'
      checks.inc({ tier, class: routeClass, outcome, degraded: String(degraded) })
    },
    reloaded(outcome: 'taken' | 'refused'): void {
      reloads.inc({ outcome })
      showVersion()
    },
  }
}

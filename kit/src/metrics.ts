/** Metrics of one process, in Prometheus' text form, and the internal port that shows them. */
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Health } from './health.ts'
import { makeHttpPart } from './http.ts'

/** The kinds of figures a service registers; here, so that all share one prom-client. */
export { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * The process is woken so often to see whether its event loop is late: what is shorter is not seen,
 * and every wake-up costs all services on the machine some of their cache.
 */
const loopLookMs = 100

/** A registry with the process' own figures; counters of the service register themselves on it. */
export const makeMetrics = (service: string) => {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: loopLookMs })
  return registry
}

/**
 * `/livez` (the event loop answers), `/readyz` (the core job can be done), `/startupz` (everything is
 * there), `/metrics`. Bind it to an address that the public cannot reach.
 */
export const makeInternalPart = (options: {
  host: string
  port: number
  health: Health
  metrics: Pick<Registry, 'contentType' | 'metrics'>
}) =>
  makeHttpPart({
    name: 'internal',
    host: options.host,
    port: options.port,
    handler: (request, response) => {
      const send = (status: number, type: string, body: string) => {
        response.writeHead(status, { 'content-type': type }).end(body)
      }
      const answer = async () => {
        if (request.url === '/livez') return send(200, 'text/plain', 'ok\n')
        if (request.url === '/metrics') {
          return send(200, options.metrics.contentType, await options.metrics.metrics())
        }
        if (request.url === '/readyz' || request.url === '/startupz') {
          const readiness = await options.health.ready()
          const { ready, degraded } = readiness
          const isWell = ready && (request.url === '/readyz' || degraded === undefined)
          return send(isWell ? 200 : 503, 'application/json', `${JSON.stringify(readiness)}\n`)
        }
        return send(404, 'text/plain', 'not found\n')
      }
      answer().catch(() => send(500, 'text/plain', 'failed\n'))
    },
  })

/** The front door's figures for operators. */
import { Counter, Gauge, type Registry } from '@quits/kit/metrics'
import type { RouteClass, Target } from './routes-table.ts'

export type Figures = ReturnType<typeof makeFigures>

/** Why a service gave no answer. */
export type UpstreamFault = 'unreachable' | 'timeout' | 'cut'

export const makeFigures = (
  registry: Registry,
  state: { inFlight: () => number; upgrades: () => number },
) => {
  const registers = [registry]
  const requests = new Counter({
    name: 'quits_proxy_requests_total',
    help: 'Answered requests by route class and status',
    labelNames: ['class', 'status'],
    registers,
  })
  const upstreamErrors = new Counter({
    name: 'quits_proxy_upstream_errors_total',
    help: 'Requests that a service did not answer, or not to the end',
    labelNames: ['target', 'fault'],
    registers,
  })
  const degraded = new Counter({
    name: 'quits_proxy_degraded_total',
    help: 'Requests admitted or refused without a full answer of the throttler',
    labelNames: ['class'],
    registers,
  })
  const gateFailures = new Counter({
    name: 'quits_proxy_gate_failures_total',
    help: 'Calls to the throttler that failed, by gRPC status',
    labelNames: ['fault'],
    registers,
  })
  const gauge = (name: string, help: string, ask: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(ask())
      },
    })
  gauge('quits_proxy_in_flight', 'Requests with a service right now', state.inFlight)
  gauge('quits_proxy_upgrades', 'Open WebSockets', state.upgrades)

  return {
    answered(routeClass: RouteClass | 'refused', status: number): void {
      requests.inc({ class: routeClass, status: String(status) })
    },
    upstreamFailed(target: Target, fault: UpstreamFault): void {
      upstreamErrors.inc({ target, fault })
    },
    gateFailed(fault: string): void {
      gateFailures.inc({ fault })
    },
    degraded(routeClass: RouteClass): void {
      degraded.inc({ class: routeClass })
    },
  }
}

/** Figures that nobody reads but the test. */
import { makeMetrics } from '@quits/kit/metrics'
import { makeFigures } from '../src/metrics.ts'

export const makeTestFigures = () =>
  makeFigures(makeMetrics('test'), () => ({
    sockets: 0,
    streams: 0,
    users: 0,
    unacked: 0,
    lagSeconds: 0,
  }))

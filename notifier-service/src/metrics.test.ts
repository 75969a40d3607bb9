import { readFileSync } from 'node:fs'
import { makeMetrics } from '@quits/kit/metrics'
import { expect, test } from 'vitest'
import { makeFigures } from './metrics.ts'

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')

test('every figure of the feed is explained to the operator, and no other', () => {
  const registry = makeMetrics('test')
  makeFigures(registry, () => ({ sockets: 0, streams: 0, users: 0, unacked: 0, lagSeconds: 0 }))
  const told = [...page.matchAll(/^\| `(quits_feed_\w+)/gm)].map(([, name]) => String(name))
  const kept = registry
    .getMetricsAsArray()
    .map(({ name }) => name)
    .filter((name) => name.startsWith('quits_'))
  expect(told.toSorted()).toEqual(kept.toSorted())
  expect(kept.length).toBeGreaterThan(15)
})

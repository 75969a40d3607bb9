import { expect, test } from 'vitest'
import { makeHealth } from './health.ts'

test('ready when every check passes', async () => {
  const health = makeHealth({ database: () => true, broker: async () => true })
  expect(await health.ready()).toEqual({ ready: true, checks: { database: true, broker: true } })
})

test('a check that throws or says no is named', async () => {
  const health = makeHealth({
    database: () => Promise.reject(new Error('gone')),
    broker: () => false,
    cache: () => true,
  })
  expect(await health.ready()).toEqual({
    ready: false,
    checks: { database: false, broker: false, cache: true },
  })
})

test('a draining process is not ready although its checks pass', async () => {
  const health = makeHealth({ database: () => true })
  health.drain()
  expect(await health.ready()).toEqual({ ready: false, checks: { database: true } })
})

test('what does not decide is named as degraded, and the process stays ready', async () => {
  const passing = { database: true, broker: true }
  const checks = { database: () => passing.database, broker: () => passing.broker }
  const health = makeHealth(checks, ['database'])
  expect(await health.ready()).toEqual({ ready: true, checks: passing })
  passing.broker = false
  expect(await health.ready()).toEqual({ ready: true, checks: passing, degraded: ['broker'] })
  passing.database = false
  expect(await health.ready()).toEqual({ ready: false, checks: passing, degraded: ['broker'] })
})

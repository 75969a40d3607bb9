import type { CheckRequest, RateDecision } from '@quits/proto/grpc'
import { beforeEach, expect, test } from 'vitest'
import { makeGate } from './gate.ts'
import { makeInsurance } from './insurance.ts'
import type { RouteClass } from './routes-table.ts'

const allowed: RateDecision = {
  allowed: true,
  tier: 'anonymous',
  policy: 'p',
  capacity: 60,
  windowSeconds: 60,
  remaining: 59,
  resetSeconds: 1,
  retryAfterMs: 0,
  degraded: false,
}
const denied = { ...allowed, allowed: false, remaining: 0, retryAfterMs: 2_000 }

let nowMs = 0
let asked: CheckRequest[] = []
let faults: string[] = []
let answer: (request: CheckRequest) => Promise<RateDecision[]>

const build = (replicas = 1) =>
  makeGate({
    throttler: {
      async ask(request) {
        asked.push(request)
        return { decisions: await answer(request) }
      },
    },
    deadlineMs: 50,
    insurance: makeInsurance({ replicas }),
    now: () => nowMs,
    onFailure: (fault) => faults.push(fault),
  })
const caller = (routeClass: RouteClass = 'api', token = '', address = '192.0.2.7') => ({
  token,
  address,
  routeClass,
})

beforeEach(() => {
  nowMs = 1_000_000
  asked = []
  faults = []
  answer = async ({ checks }) => checks.map(() => allowed)
})

test('the requests of one turn are one message', async () => {
  const gate = build()
  await Promise.all([gate.admit(caller()), gate.admit(caller('feed')), gate.admit(caller())])
  expect(asked).toHaveLength(1)
  expect(asked[0]?.checks.map(({ routeClass }) => routeClass)).toEqual(['api', 'feed', 'api'])
})

test('a denial is remembered until its retry-after, for that caller only', async () => {
  answer = async ({ checks }) => checks.map(() => denied)
  const gate = build()
  await gate.admit(caller())
  nowMs += 1_500
  expect(await gate.admit(caller())).toMatchObject({ allowed: false, retryAfterMs: 500 })
  expect(asked).toHaveLength(1)
  await gate.admit(caller('api', '', '192.0.2.8'))
  await gate.admit(caller('api', 'token'))
  await gate.admit(caller('static'))
  expect(asked).toHaveLength(4)
  answer = async ({ checks }) => checks.map(() => allowed)
  nowMs += 600
  expect((await gate.admit(caller())).allowed).toBe(true)
})

test('while the throttler fails the insurance answers, strictly for sign-in, and says so', async () => {
  answer = () => Promise.reject(new Error('unavailable'))
  const gate = build()
  const passedOf = async (routeClass: RouteClass, token = '') => {
    const decisions = []
    for (let asked = 0; asked < 400; asked += 1) {
      decisions.push(await gate.admit(caller(routeClass, token)))
    }
    expect(decisions.every(({ degraded }) => degraded)).toBe(true)
    return decisions.filter(({ allowed }) => allowed).length
  }
  expect(await passedOf('sign-in')).toBe(10)
  expect(await passedOf('sign-in', 'junk')).toBe(0)
  expect(await passedOf('api')).toBe(60)
  expect(await passedOf('api', 'some-token')).toBe(300)
})

test('the insurance gives each front door its part', async () => {
  answer = () => Promise.reject(new Error('unavailable'))
  const gate = build(5)
  const decisions = []
  for (let asked = 0; asked < 30; asked += 1) decisions.push(await gate.admit(caller()))
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(12)
})

test('after some failures in a row requests do not wait for the throttler for a moment', async () => {
  answer = () => Promise.reject(new Error('unavailable'))
  const gate = build()
  for (let asked = 0; asked < 10; asked += 1) await gate.admit(caller())
  expect(asked).toHaveLength(3)
  nowMs += 501
  answer = async ({ checks }) => checks.map(() => allowed)
  expect((await gate.admit(caller())).degraded).toBe(false)
  expect(asked).toHaveLength(4)
})

test('failures are told by their gRPC status', async () => {
  answer = () => Promise.reject(Object.assign(new Error('late'), { code: 4 }))
  await build().admit(caller())
  answer = () => Promise.reject(new Error('odd'))
  await build().admit(caller())
  expect(faults).toEqual(['DEADLINE_EXCEEDED', 'UNKNOWN'])
})

test('a denial of the insurance is not remembered: the throttler may be back', async () => {
  answer = async ({ checks }) => checks.map(() => ({ ...denied, degraded: true }))
  const gate = build()
  await gate.admit(caller())
  answer = async ({ checks }) => checks.map(() => allowed)
  expect((await gate.admit(caller())).allowed).toBe(true)
})

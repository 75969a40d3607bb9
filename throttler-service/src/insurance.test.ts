import { expect, test } from 'vitest'
import { makeInsurance } from './insurance.ts'
import type { Policy } from './policy.ts'

const policy: Policy = {
  name: 'p',
  tier: 'anonymous',
  capacity: 30,
  intervalUs: 1_000_000,
  cost: 1,
}

const passedOf = async (
  insurance: ReturnType<typeof makeInsurance>,
  routeClass: string,
  subject: string,
) => {
  let passed = 0
  for (let asked = 0; asked < 40; asked += 1) {
    const { allowed } = await insurance.take({ policy, routeClass, subject, cost: 1 })
    if (allowed) passed += 1
  }
  return passed
}

test('lets through what the policy holds, divided by the replicas', async () => {
  expect(await passedOf(makeInsurance({ replicas: 1 }), 'api', 'a')).toBe(30)
  expect(await passedOf(makeInsurance({ replicas: 3 }), 'api', 'a')).toBe(10)
})

test('is stricter for sign-in, and never zero', async () => {
  expect(await passedOf(makeInsurance({ replicas: 1 }), 'sign-in', 'a')).toBe(10)
  expect(await passedOf(makeInsurance({ replicas: 500 }), 'sign-in', 'a')).toBe(1)
})

test('one subject does not use up what another has', async () => {
  const insurance = makeInsurance({ replicas: 1 })
  expect(await passedOf(insurance, 'api', 'a')).toBe(30)
  expect(await passedOf(insurance, 'api', 'b')).toBe(30)
})

test('a refusal says how long to wait', async () => {
  const insurance = makeInsurance({ replicas: 1 })
  await passedOf(insurance, 'api', 'a')
  const refused = await insurance.take({ policy, routeClass: 'api', subject: 'a', cost: 99 })
  expect(refused.allowed).toBe(false)
  expect(refused.waitMs).toBeGreaterThan(0)
})

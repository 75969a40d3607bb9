import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PolicyFileError, parsePolicies, tiers } from './policy.ts'

const shipped = readFileSync(new URL('../policies.json', import.meta.url), 'utf8')

interface Row {
  name: string
  tier: string
  class: string
  capacity: number
  leak: number
  cost?: number
}
const fileOf = (rows: Row[], classes: object = { api: { subject: 'caller' } }) =>
  JSON.stringify({ classes, policies: rows })
const rowsForAll = (over: Record<string, unknown> = {}): Row[] =>
  tiers.map((tier) =>
    Object.assign({ name: `${tier}-api`, tier, class: 'api', capacity: 10, leak: 2 }, over),
  )

const faultsOf = (text: string): string => {
  try {
    parsePolicies(text)
  } catch (error) {
    if (error instanceof PolicyFileError) return error.message
    throw error
  }
  return 'none'
}

test('the shipped file gives the promised limits', () => {
  const policies = parsePolicies(shipped)
  const limits = (tier: (typeof tiers)[number], routeClass: string) =>
    policies.of(tier, routeClass).map(({ capacity, intervalUs }) => [capacity, intervalUs])
  expect(limits('anonymous', 'api')).toEqual([[60, 1_000_000]])
  expect(limits('unactivated', 'api')).toEqual([[120, 200_000]])
  expect(limits('activated', 'api')).toEqual([[300, 50_000]])
  expect(limits('anonymous', 'sign-in')).toEqual([[30, 10_000_000]])
  expect(limits('anonymous', 'static')).toEqual([[600, 20_000]])
  expect(policies.subjectOf('sign-in')).toBe('address')
  expect(policies.subjectOf('api')).toBe('caller')
})

test('a class that the file does not know is limited as the API', () => {
  const policies = parsePolicies(shipped)
  expect(policies.of('activated', 'constructor')).toEqual(policies.of('activated', 'api'))
  expect(policies.classOf('invented')).toBe('api')
})

test('several policies of one place are all returned', () => {
  const rows = rowsForAll()
  rows.push({ name: 'daily', tier: 'anonymous', class: 'api', capacity: 1_000, leak: 0.01 })
  const names = parsePolicies(fileOf(rows)).of('anonymous', 'api')
  expect(names.map(({ name }) => name)).toEqual(['anonymous-api', 'daily'])
})

test.each([
  ['not JSON', '{'],
  ['class api is missing', fileOf([], { other: { subject: 'address' } })],
  ['service callers have no policy in class api', fileOf(rowsForAll().slice(0, 3))],
  ['policy anonymous-api is there twice', fileOf([...rowsForAll(), ...rowsForAll()])],
  ['capacity', fileOf(rowsForAll({ capacity: 1.5 }))],
  ['capacity', fileOf(rowsForAll({ capacity: 0 }))],
  ['leak', fileOf(rowsForAll({ leak: 0 }))],
  ['costs more than it holds', fileOf(rowsForAll({ cost: 11 }))],
  ['unknown class', fileOf(rowsForAll({ class: 'apy' }))],
  ['Unrecognized key', fileOf(rowsForAll({ burst: 3 }))],
])('a file with the fault "%s" is refused', (fault, text) => {
  expect(faultsOf(text)).toContain(fault)
})

test('all faults are named at once', () => {
  const rows = rowsForAll().slice(1)
  const faults = faultsOf(fileOf([...rows, ...rows])).split('\n')
  expect(faults.length).toBeGreaterThan(3)
})

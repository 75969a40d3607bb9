import { expect, test } from 'vitest'
import { grpcPolicies } from './grpc-policies.ts'
import { methodsOfLedger, methodsWithoutPolicy } from './grpc-matrix.ts'

test('every method of the ledger has a row that says whose things it shows, and no row is left over', () => {
  const methods = methodsOfLedger()
  expect(methods.length).toBeGreaterThan(0)
  expect(methodsWithoutPolicy(methods)).toEqual([])
  expect(Object.keys(grpcPolicies).toSorted()).toEqual(methods.toSorted())
})

test('the check can fail: a method that nobody wrote a row for is named', () => {
  expect(methodsWithoutPolicy(['GetDebt', 'GetEverything'])).toEqual(['GetEverything'])
})

import { expect, it } from 'vitest'
import { ApiProblem, isPassing } from './problem.ts'

it('tries again what may pass: silence, overload, a flood', () => {
  const passing = [
    new ApiProblem(0, 'unreachable'),
    new ApiProblem(429, 'too_many_requests'),
    new ApiProblem(503, 'busy'),
  ]
  expect(passing.map(isPassing)).toEqual([true, true, true])
})

it('leaves alone what is refused, and limits that last', () => {
  const lasting = [
    new ApiProblem(422, 'overpayment'),
    new ApiProblem(429, 'too_many_first_contacts'),
    new ApiProblem(429, 'too_many_attempts'),
    new ApiProblem(500, 'internal'),
    new Error('503'),
  ]
  expect(lasting.map(isPassing)).toEqual([false, false, false, false, false])
})

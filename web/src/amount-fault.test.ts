import { expect, it } from 'vitest'
import { sayAmountFault } from './amount-fault.ts'

it('shows how to write the amount in its own currency', () => {
  expect(sayAmountFault('decimals', 'EUR')).toBe(
    'EUR has at most 2 decimals. Write it like 1250.50.',
  )
  expect(sayAmountFault('decimals', 'JPY')).toBe('JPY has no decimals. Write it like 1250.')
  expect(sayAmountFault('ambiguous', 'KWD')).toBe(
    'This can be read in two ways. Write it like 1250.500.',
  )
})

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

it('states the limit in the currency that was typed', () => {
  expect(sayAmountFault('large', 'EUR')).toBe(
    'That is more than Quits can keep: at most €10,000,000,000,000.00.',
  )
  expect(sayAmountFault('large', 'JPY')).toContain('¥1,000,000,000,000,000.')
})

import { expect, test } from 'vitest'
import { decimalOf } from './history.ts'

test.each([
  ['0', 'EUR', '0.00'],
  ['5', 'EUR', '0.05'],
  ['4000', 'EUR', '40.00'],
  ['4000', 'JPY', '4000'],
  ['1', 'KWD', '0.001'],
  ['1000000000000000', 'EUR', '10000000000000.00'],
  ['999999999999999', 'KWD', '999999999999.999'],
])('%s minor units of %s are %s', (minor, currency, decimal) => {
  expect(decimalOf({ minor, currency })).toBe(decimal)
})

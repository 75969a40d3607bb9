/**
 * Money as it crosses a process boundary: an integer count of minor units, as a string of digits,
 * and an ISO 4217 code. No float ever holds an amount.
 */
import { z } from 'zod'

export { amountMinorMax, currencies, minorDigits } from './currencies.ts'

/** An amount of zero or more, as balances and totals are. */
export const money = z.strictObject({
  minor: z.string().regex(/^(0|[1-9]\d{0,18})$/),
  currency: z.string().regex(/^[A-Z]{3}$/),
})
export type Money = z.infer<typeof money>

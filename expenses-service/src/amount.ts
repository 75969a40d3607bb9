/** Money in requests: what may be entered. The wire shape itself is `@quits/proto/money`. */
import { type Money, minorDigits } from '@quits/proto/money'
import { z } from 'zod'

/** An amount that a person enters: 1 to 10^15 minor units of a currency in use. */
export const enteredAmount = z.strictObject({
  minor: z
    .string({ error: 'must be a string of digits' })
    .regex(/^([1-9]\d{0,14}|10{15})$/, 'must be whole minor units, from 1 to 10^15'),
  currency: z
    .string({ error: 'must be an ISO 4217 code' })
    .refine((code) => minorDigits(code) !== undefined, 'must be an ISO 4217 code in use'),
})

/** Minor units as they travel. */
export const asMoney = (minor: bigint, currency: string): Money => ({
  minor: minor.toString(),
  currency,
})

/** What to tell about an amount that could not be read. */
import { amountMinorMax, minorDigits } from '@quits/proto/currencies'
import { fill, t } from './messages/say.ts'
import { type AmountFault, formatMoney, toTyped } from './money.ts'

/** An amount in the form that is always understood: `1250.50`, `1250`, `1250.500`. */
const exampleOf = (currency: string): string => {
  const digits = minorDigits(currency) ?? 2
  return toTyped({ minor: `1250${'5'.padEnd(digits, '0').slice(0, digits)}`, currency })
}

export const sayAmountFault = (fault: AmountFault, currency: string): string => {
  const digits = minorDigits(currency) ?? 2
  const message =
    fault === 'decimals'
      ? t.amountFaults.decimals[digits === 0 ? 'none' : 'some']
      : t.amountFaults[fault]
  return fill(message, {
    currency,
    digits: String(digits),
    example: exampleOf(currency),
    max: formatMoney({ minor: amountMinorMax.toString(), currency }),
  })
}

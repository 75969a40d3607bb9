/** What a link says to whoever opens it. Pure. */
import type { ShownDebt } from '../api/shapes.ts'
import { formatMoney, isZero } from '../money.ts'
import { fill, t } from './say.ts'

export const sayShown = ({ status, seat, inviter, pending, balance }: ShownDebt): string => {
  const amount = status === 'proposed' ? pending.in : balance
  const { name } = inviter
  if (isZero(amount)) return fill(t.invitation.quits, { name })
  const message = seat.role === 'borrower' ? t.invitation.owesThem : t.invitation.owesYou
  return fill(message, { name, amount: formatMoney(amount) })
}

/** How one debt stands, large: the words first, then the figure, struck through once at zero. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Debt } from '../api/shapes.ts'
import { civilDate, formatDay } from '../dates.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, isZero } from '../money.ts'
import { asksReader, shownAmount } from '../standing.ts'
import { ClockIcon } from './icons.tsx'
import { Chip } from './states.tsx'

/** The sentence under the figure. */
const statusOf = (debt: Debt): ReactNode => {
  const { name } = debt.counterparty
  const amount = formatMoney(shownAmount(debt))
  if (debt.status === 'declined') return t.debt.notAgreed
  if (debt.status === 'withdrawn') return t.debt.takenBack
  if (debt.status !== 'proposed') return undefined
  return (
    <Chip waits>
      <ClockIcon />
      {asksReader(debt)
        ? fill(t.debt.waitsYou, { name })
        : fill(t.debt.waitsThem, { name, amount })}
    </Chip>
  )
}

const Pending = ({ debt }: { debt: Debt }) =>
  debt.status !== 'proposed' &&
  [
    { money: debt.pending.in, message: t.debt.moreWaiting },
    { money: debt.pending.out, message: t.debt.lessWaiting },
  ]
    .filter(({ money }) => !isZero(money))
    .map(({ money, message }) => (
      <Chip key={message} waits>
        <ClockIcon />
        {fill(message, { amount: formatMoney(money) })}
      </Chip>
    ))

const categoryHref = (category: string) => `/debts?${new URLSearchParams({ category })}`

export const Balance = ({
  debt,
  quitsSince,
}: {
  debt: Debt
  /** The day on which nothing was owed any more, when it is known. */
  quitsSince?: string | undefined
}) => {
  const isOver = debt.status === 'declined' || debt.status === 'withdrawn'
  const atZero = debt.status === 'settled'
  const direction = debt.role === 'lender' ? 'text-owed' : 'text-owe'
  const colour = atZero ? 'text-ink-2' : direction
  return (
    <div className="flex flex-col items-start gap-2">
      {!isOver && (
        <>
          <p className="sr-only">{t.debt.balance}</p>
          <p
            data-testid="balance"
            className={`money text-sum font-semibold ${
              debt.status === 'proposed' ? 'text-waiting' : colour
            }`}
          >
            <span className={atZero ? 'struck inline-block' : ''}>
              {formatMoney(shownAmount(debt))}
            </span>
          </p>
        </>
      )}
      <p className="text-ink-2">
        {fill(t.debt.forWhat, { what: debt.description })}
        {debt.dueOn !== null &&
          ` · ${fill(t.debt.dueOn, { date: formatDay(debt.dueOn, civilDate(new Date())) })}`}
      </p>
      {atZero && quitsSince !== undefined && (
        <p className="text-ink-2">
          {fill(t.debt.quitsSince, { date: formatDay(quitsSince, civilDate(new Date())) })}
        </p>
      )}
      <p className="flex flex-wrap gap-2 empty:hidden">
        {statusOf(debt)}
        <Pending debt={debt} />
        {debt.oneSided && <Chip>{t.debt.onlyYou}</Chip>}
        {debt.category !== null && (
          <Link href={categoryHref(debt.category)} className="hover:underline">
            <Chip>{fill(t.debt.category, { category: debt.category })}</Chip>
          </Link>
        )}
      </p>
    </div>
  )
}

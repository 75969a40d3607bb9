import { Link } from 'wouter'
import type { Debt } from '../api/shapes.ts'
import { civilDate, formatDay } from '../dates.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import { asksReader, hasWaitingEntries, isOver, shownAmount } from '../standing.ts'
import { DirectedAmount, Direction } from './amount.tsx'
import { ClockIcon } from './icons.tsx'
import { Chip } from './states.tsx'

const relation = (debt: Debt): string => {
  if (debt.status === 'settled') return t.debts.quitsRow
  if (debt.status === 'declined') return t.debts.notAgreed
  if (debt.status === 'withdrawn') return t.debts.takenBack
  return debt.role === 'lender' ? t.debts.owesYou : t.debts.youOwe
}

const Waiting = ({ debt }: { debt: Debt }) => {
  const { name } = debt.counterparty
  if (asksReader(debt)) return <WaitingChip text={t.debts.waitingForYou} />
  if (debt.status === 'proposed') {
    return <WaitingChip text={fill(t.debts.waitingFor, { name })} />
  }
  if (!hasWaitingEntries(debt)) return null
  const more = formatMoney(debt.pending.in.minor === '0' ? debt.pending.out : debt.pending.in)
  const message = debt.pending.in.minor === '0' ? t.debt.lessWaiting : t.debt.moreWaiting
  return <WaitingChip text={fill(message, { amount: more })} />
}

const WaitingChip = ({ text }: { text: string }) => (
  <Chip waits>
    <ClockIcon />
    {text}
  </Chip>
)

/** The person, when they have a page; else only their name. */
const Name = ({ counterparty: { name, userId } }: Pick<Debt, 'counterparty'>) =>
  userId === undefined ? (
    <span className="block truncate font-medium">{name}</span>
  ) : (
    <Link
      href={`/people/${userId}`}
      className="relative z-1 block w-fit max-w-full truncate py-0.5 font-medium hover:underline hover:underline-offset-4"
    >
      {name}
    </Link>
  )

/** One line of a list of debts: who, why, how it stands, how much. The whole of it is the link. */
export const DebtRow = ({
  debt,
  named = true,
}: {
  debt: Debt
  /** Left out where the page is that person's. */
  named?: boolean
}) => (
  <li className="border-t border-hairline first:border-0">
    <div className="relative -mx-2 flex min-h-16 items-center gap-3 rounded-ledger px-2 py-3 hover:bg-paper">
      <Direction role={debt.role} quiet={isOver(debt)} />
      <span className="min-w-0 flex-1">
        {named && <Name counterparty={debt.counterparty} />}
        <Link
          href={`/debts/${debt.id}`}
          className={`block after:absolute after:inset-0 after:rounded-ledger ${
            named ? 'text-small text-ink-2' : 'font-medium'
          }`}
        >
          <span className="sr-only">{`${debt.counterparty.name}, ${relation(debt)}: `}</span>
          <span className="block truncate">{debt.description}</span>
        </Link>
        <span className="flex flex-wrap gap-1 pt-1 empty:hidden">
          <Waiting debt={debt} />
          {debt.oneSided && <Chip>{t.debts.onlyYou}</Chip>}
          {debt.dueOn !== null && !isOver(debt) && (
            <Chip>{fill(t.debts.due, { date: formatDay(debt.dueOn, civilDate(new Date())) })}</Chip>
          )}
          {debt.archived && <Chip>{t.person.away}</Chip>}
        </span>
      </span>
      <span className="flex shrink-0 flex-col items-end">
        <span className="text-small text-ink-2">{relation(debt)}</span>
        {debt.status === 'proposed' ? (
          <span className="money font-semibold text-waiting">{formatMoney(shownAmount(debt))}</span>
        ) : (
          <DirectedAmount money={debt.balance} role={debt.role} />
        )}
      </span>
    </div>
  </li>
)

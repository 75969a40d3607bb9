/** Why an entry was refused; when it was too much paid back, with the amount that would do. */
import type { Money } from '@quits/proto/money'
import { ApiProblem } from '../api/problem.ts'
import type { Debt, NewEntry } from '../api/shapes.ts'
import { fill, t } from '../messages/say.ts'
import { difference, formatMoney, isZero } from '../money.ts'
import { Button } from './button.tsx'
import { Outcome } from './states.tsx'

/** What was left to pay back, as the refusal says it. */
export const remainingOf = (error: unknown, currency: string): Money | undefined => {
  if (!(error instanceof ApiProblem) || error.code !== 'overpayment') return undefined
  const { remaining } = error.members
  if (typeof remaining !== 'object' || remaining === null || !('minor' in remaining)) {
    return undefined
  }
  return { minor: String(remaining.minor), currency }
}

export const TooMuch = ({
  debt,
  error,
  tried,
  onRecord,
  onRecordAll,
}: {
  debt: Debt
  error: unknown
  tried: NewEntry | undefined
  onRecord: (remaining: Money) => void
  /** Records all of it: what is too much becomes a debt the other way. */
  onRecordAll: () => void
}) => {
  const remaining = remainingOf(error, debt.balance.currency)
  if (remaining === undefined || tried === undefined) return <Outcome error={error} />
  const values = {
    name: debt.counterparty.name,
    remaining: formatMoney(remaining),
    amount: formatMoney(tried.amount),
    surplus: formatMoney(difference(tried.amount, remaining)),
  }
  const all = debt.role === 'lender' ? t.add.recordAllLender : t.add.recordAllBorrower
  const message = debt.role === 'lender' ? t.add.tooMuchLender : t.add.tooMuchBorrower
  return (
    <Outcome>
      <div className="flex flex-col items-start gap-3 rounded-ledger bg-owe-tint px-4 py-3">
        <p>{fill(message, values)}</p>
        {isZero(remaining) ? (
          <p>{t.add.none}</p>
        ) : (
          <Button look="plain" onClick={() => onRecord(remaining)}>
            {fill(t.add.recordRest, values)}
          </Button>
        )}
        {!isZero(remaining) && tried.kind === 'repayment' && (
          <Button look="plain" onClick={onRecordAll}>
            {fill(all, values)}
          </Button>
        )}
      </div>
    </Outcome>
  )
}

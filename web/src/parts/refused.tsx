/** What became of something that was not agreed to, and the way to write down what would be right. */
import type { Money } from '@quits/proto/money'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { Debt, Entry, EntryKind, NewEntry } from '../api/shapes.ts'
import { useApp, useSignedIn } from '../app-context.ts'
import { touchDebt } from '../live.ts'
import { sayWho } from '../messages/entries.ts'
import { refusalOf } from '../messages/lines.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import { hrefOfDraft } from '../pages/new-debt.ts'
import { Button, buttonClass } from './button.tsx'
import { useEntries } from './queries.ts'
import { Outcome } from './states.tsx'
import { useAct } from './use-act.ts'

/** The form of a debt like this one, over the amount that would be right. */
const againHref = (debt: Debt, amount: Money): string => {
  const { userId } = debt.counterparty
  return hrefOfDraft({
    ...(userId === undefined ? {} : { with: userId }),
    direction: debt.role === 'lender' ? 'lent' : 'borrowed',
    amount: amount.minor,
    currency: amount.currency,
    what: debt.description,
  })
}

/** Why a whole debt was refused; its author may write it down again. */
export const RefusedDebt = ({ debt }: { debt: Debt }) => {
  const { user } = useSignedIn()
  const entries = useEntries(debt.id).data?.pages.flatMap(({ items }) => items) ?? []
  const refusal = refusalOf(entries, 1)
  const opening = entries.find(({ seq }) => seq === 1)
  if (refusal === undefined || opening === undefined) return null
  const { reason, suggested } = refusal
  const isMine = opening.enteredBy === user.id
  return (
    <div className="flex flex-col items-start gap-2">
      {reason !== undefined && (
        <p>{fill(t.debt.refusedBy, { name: sayWho(refusal, debt, user.id), reason })}</p>
      )}
      {suggested !== undefined && (
        <p className="money">{fill(t.debt.refusedRight, { amount: formatMoney(suggested) })}</p>
      )}
      {isMine && (
        <Link href={againHref(debt, suggested ?? opening.amount)} className={buttonClass('plain')}>
          {suggested === undefined
            ? t.debt.writeAgain
            : fill(t.debt.writeRight, { amount: formatMoney(suggested) })}
        </Link>
      )}
    </div>
  )
}

const kinds: ReadonlySet<string> = new Set(['advance', 'repayment', 'forgiveness'])

/** For the author of an entry that was refused with another amount: writes that one down instead. */
export const WriteRight = ({
  debt,
  refused,
  amount,
}: {
  debt: Debt
  refused: Entry | undefined
  amount: Money
}) => {
  const { quits } = useApp()
  const { user } = useSignedIn()
  const queries = useQueryClient()
  const write = useAct<NewEntry, Entry>(
    (body, key) => quits.addEntry(debt.id, body, key),
    () => touchDebt(queries, debt.id),
  )
  if (refused?.enteredBy !== user.id || !kinds.has(refused.kind) || debt.status !== 'open') {
    return null
  }
  const { kind, occurredOn, note } = refused
  const body = {
    kind: kind as EntryKind,
    amount,
    occurredOn,
    ...(note === undefined ? {} : { note }),
  }
  return (
    <span className="block">
      {!write.isSuccess && (
        <Button look="bare" busy={write.isPending} onClick={() => write.mutate(body)}>
          {fill(t.debt.writeRight, { amount: formatMoney(amount) })}
        </Button>
      )}
      <Outcome error={write.error} />
    </span>
  )
}

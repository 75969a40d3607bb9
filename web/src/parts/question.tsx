/** Something the other person wrote down about me, and my answer to it. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Debt, Refusal } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate, formatDay } from '../dates.ts'
import { touchDebt } from '../live.ts'
import { sayDebtQuestion } from '../messages/entries.ts'
import { type Asked, type Line, sayLineQuestion, sayPaymentQuestion } from '../messages/lines.ts'
import { t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { NotQuite } from './not-quite.tsx'
import { Outcome } from './states.tsx'
import { useAct } from './use-act.ts'

/** Without a line of its history, the question is about the debt itself. */
export const Question = ({
  debt,
  line,
  payment,
  linked = false,
}: {
  debt: Debt
  line?: Line
  payment?: Asked['payment']
  linked?: boolean
}) => {
  const entry = line?.entry
  const { quits } = useApp()
  const queries = useQueryClient()
  const [isRefusing, setRefusing] = useState(false)
  /** The card goes away with its answer; the focus goes to where the page starts. */
  const settle = async () => {
    if (payment === undefined) await touchDebt(queries, debt.id)
    else await queries.invalidateQueries()
    document.querySelector('h1')?.focus()
  }
  const accept = useAct<object, unknown>(
    (_, key) =>
      entry === undefined
        ? quits.acceptDebt(debt.id, key)
        : quits.acceptEntry(debt.id, entry.seq, key),
    settle,
  )
  const refuse = useAct<Refusal, unknown>(
    (body, key) =>
      entry === undefined
        ? quits.declineDebt(debt.id, body, key)
        : quits.declineEntry(debt.id, entry.seq, body, key),
    async () => {
      setRefusing(false)
      await settle()
    },
  )
  const asked = line === undefined ? sayDebtQuestion(debt) : sayLineQuestion(line, debt)
  const text = payment === undefined ? asked : sayPaymentQuestion({ debt, payment })
  const note = line?.undoing?.reason ?? entry?.note
  return (
    <article className="arrives flex flex-col gap-4 rounded-ledger border border-hairline border-s-4 border-s-waiting bg-card p-5 shadow-card">
      <div>
        <p className="money text-lead text-pretty">
          {linked ? (
            <Link href={`/debts/${debt.id}`} className="hover:underline hover:underline-offset-4">
              {text}
            </Link>
          ) : (
            text
          )}
        </p>
        <p className="text-small text-ink-2">
          {entry !== undefined && formatDay(entry.occurredOn, civilDate(new Date()))}
          {note !== undefined && ` · ${note}`}
        </p>
      </div>
      <Outcome error={accept.error} />
      <div className="flex flex-wrap gap-3">
        <Button busy={accept.isPending} onClick={() => accept.mutate({})}>
          {t.ask.yes}
        </Button>
        <Button look="plain" aria-haspopup="dialog" onClick={() => setRefusing(true)}>
          {t.ask.no}
        </Button>
      </div>
      {isRefusing && (
        <NotQuite
          name={debt.counterparty.name}
          currency={debt.balance.currency}
          isDebt={entry === undefined}
          busy={refuse.isPending}
          error={refuse.error}
          onAnswer={(body) => refuse.mutate(body)}
          onClose={() => setRefusing(false)}
        />
      )}
    </article>
  )
}

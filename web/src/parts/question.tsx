/** Something the other person wrote down about me, and my answer to it. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { codeOf } from '../api/problem.ts'
import type { Refusal } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate, formatDay } from '../dates.ts'
import { touchDebt } from '../live.ts'
import { sayDebtQuestion } from '../messages/entries.ts'
import { type Asked, sayLineQuestion, sayWholeQuestion } from '../messages/lines.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { NotQuite } from './not-quite.tsx'
import { Outcome } from './states.tsx'
import { useAct } from './use-act.ts'

/** Without a line of its history, the question is about the debt itself. */
export const Question = ({
  debt,
  line,
  whole,
  linked = false,
  onAgreed,
}: Asked & {
  linked?: boolean
  /** Hears the user id of the other one after a yes. */
  onAgreed?: (userId: string) => void
}) => {
  const entry = line?.entry
  const { userId } = debt.counterparty
  const { quits } = useApp()
  const queries = useQueryClient()
  const [isRefusing, setRefusing] = useState(false)
  /** The card goes away with its answer; the focus goes to where the page starts. */
  const settle = async () => {
    if (whole === undefined) await touchDebt(queries, debt.id)
    else await queries.invalidateQueries()
    document.querySelector('h1')?.focus()
  }
  const accept = useAct<object, unknown>(
    (_, key) =>
      entry === undefined
        ? quits.acceptDebt(debt, key)
        : quits.acceptEntry(debt.id, entry.seq, key),
    async () => {
      if (userId !== undefined) onAgreed?.(userId)
      await settle()
    },
  )
  // What is agreed to is what was read: other words are read again before another yes.
  const isChanged = codeOf(accept.error) === 'version_conflict'
  useEffect(() => {
    if (isChanged) void touchDebt(queries, debt.id)
  }, [isChanged, queries, debt.id])
  const refuse = useAct<{ refusal: Refusal; block: boolean }, unknown>(
    async ({ refusal, block }, key) => {
      if (entry === undefined) await quits.declineDebt(debt.id, refusal, key)
      else await quits.declineEntry(debt.id, entry.seq, refusal, key)
      // Both are safe to repeat, so that a block that failed is tried with the same answer.
      if (block && userId !== undefined) await quits.block(userId, true)
    },
    async () => {
      setRefusing(false)
      await settle()
    },
  )
  const asked = line === undefined ? sayDebtQuestion(debt) : sayLineQuestion(line, debt)
  const text = whole === undefined ? asked : sayWholeQuestion({ debt, whole })
  const today = civilDate(new Date())
  const details = [
    linked && entry !== undefined && whole === undefined
      ? fill(t.ask.about, { what: debt.description })
      : undefined,
    entry === undefined ? undefined : formatDay(entry.occurredOn, today),
    line?.undoing?.reason ?? entry?.note,
    entry === undefined && debt.dueOn !== null
      ? fill(t.debt.dueOn, { date: formatDay(debt.dueOn, today) })
      : undefined,
  ].filter((detail) => detail !== undefined)
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
        <p className="text-small text-ink-2">{details.join(' · ')}</p>
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
          asks={entry === undefined ? 'debt' : entry.kind === 'advance' ? 'advance' : 'other'}
          isPayment={whole !== undefined}
          canBlock={userId !== undefined}
          busy={refuse.isPending}
          error={refuse.error}
          onAnswer={(refusal, block) => refuse.mutate({ refusal, block })}
          onClose={() => setRefusing(false)}
        />
      )}
    </article>
  )
}

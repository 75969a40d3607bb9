/** Everything that waits for the reader's answer. */
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { keys } from '../api/keys.ts'
import type { Debt } from '../api/shapes.ts'
import { useApp, useSignedIn } from '../app-context.ts'
import { foldPayments, questionsIn } from '../messages/lines.ts'
import { t } from '../messages/say.ts'
import { asksReader, hasWaitingEntries } from '../standing.ts'
import { ConsentOffer } from './consent-offer.tsx'
import { Question } from './question.tsx'

/** More than this many questions at once help nobody; the rest follow as these are answered. */
const historiesReadMax = 12

export const Waiting = ({
  debts,
  offers = false,
}: {
  debts: readonly Debt[]
  /** Offers standing consent to whoever said yes here; a person's own page has it anyway. */
  offers?: boolean
}) => {
  const { quits } = useApp()
  const [agreedWith, setAgreedWith] = useState<string>()
  const { user } = useSignedIn()
  const asked = debts.filter(asksReader)
  const withEntries = debts.filter(hasWaitingEntries).slice(0, historiesReadMax)
  const histories = useQueries({
    queries: withEntries.map((debt) => ({
      queryKey: [...keys.entries(debt.id), 'newest'],
      queryFn: ({ signal }: { signal: AbortSignal }) => quits.entries(debt.id, undefined, signal),
    })),
  })
  const lines = foldPayments(
    withEntries.flatMap((debt, index) =>
      questionsIn(histories[index]?.data?.items ?? [], user.id).map((line) => ({ debt, line })),
    ),
  )
  const isReading = histories.some(({ isPending }) => isPending)
  const isNone = asked.length + lines.length === 0

  return (
    <section aria-labelledby="waiting" className="flex flex-col gap-4">
      <h2 id="waiting" className="text-lead">
        {t.home.waiting}
      </h2>
      {offers && agreedWith !== undefined && (
        <ConsentOffer key={agreedWith} personId={agreedWith} />
      )}
      {isNone && !isReading && <p className="text-ink-2">{t.home.nothingWaiting}</p>}
      {!isNone && (
        <div className="grid grid-cols-1 items-start gap-4 wide:grid-cols-2">
          {asked.map((debt) => (
            <Question key={debt.id} debt={debt} linked onAgreed={setAgreedWith} />
          ))}
          {lines.map((asking) => (
            <Question
              key={`${asking.debt.id} ${asking.line.entry.seq}`}
              {...asking}
              linked
              onAgreed={setAgreedWith}
            />
          ))}
        </div>
      )}
    </section>
  )
}

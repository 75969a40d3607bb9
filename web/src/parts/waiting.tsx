/** Everything that waits for the reader's answer. */
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import type { Debt, DebtsFilter } from '../api/shapes.ts'
import { useApp, useSignedIn } from '../app-context.ts'
import { foldTogether, questionsIn } from '../messages/lines.ts'
import { t } from '../messages/say.ts'
import { ConsentOffer } from './consent-offer.tsx'
import { useDebts, waitingIn } from './queries.ts'
import { Question } from './question.tsx'
import { Failed } from './states.tsx'

/** More than this many questions at once help nobody; the rest follow as these are answered. */
const debtsReadMax = 12

export const Waiting = ({
  filter = {},
  comesUp = () => true,
  offers = false,
}: {
  /** Of which debts. */
  filter?: DebtsFilter
  comesUp?: (debt: Debt) => boolean
  /** Offers standing consent to whoever said yes here; a person's own page has it anyway. */
  offers?: boolean
}) => {
  const { quits } = useApp()
  const [agreedWith, setAgreedWith] = useState<string>()
  const { user } = useSignedIn()
  const debts = useDebts({ ...filter, waiting: 'me' })
  const known = debts.data?.pages.flatMap(({ items }) => items) ?? []
  const read = known.filter(comesUp).slice(0, debtsReadMax)
  // A question is asked once it is known what a yes to it means.
  const waiting = useQueries({ queries: read.map((debt) => waitingIn(quits, debt)) })
  const questions = foldTogether(
    read.flatMap((debt, index) => questionsIn(debt, waiting[index]?.data?.items ?? [], user.id)),
  )
  const isReading = debts.isPending || waiting.some(({ isPending }) => isPending)
  const failed = debts.error ?? waiting.find(({ error }) => error !== null)?.error

  return (
    <section aria-labelledby="waiting" className="flex flex-col gap-4">
      <h2 id="waiting" className="text-lead">
        {t.home.waiting}
      </h2>
      {offers && agreedWith !== undefined && (
        <ConsentOffer key={agreedWith} personId={agreedWith} />
      )}
      {failed !== undefined && (
        <Failed
          error={failed}
          retry={() => void Promise.all([debts, ...waiting].map((one) => one.refetch()))}
        />
      )}
      {failed === undefined && questions.length === 0 && !isReading && (
        <p className="text-ink-2">{t.home.nothingWaiting}</p>
      )}
      {questions.length > 0 && (
        <div className="grid grid-cols-1 items-start gap-4 wide:grid-cols-2">
          {questions.map((asked) => (
            <Question
              key={`${asked.debt.id} ${asked.line?.entry.seq ?? ''}`}
              {...asked}
              linked
              onAgreed={setAgreedWith}
            />
          ))}
        </div>
      )}
    </section>
  )
}

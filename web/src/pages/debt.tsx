import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ApiProblem } from '../api/problem.ts'
import type { Debt } from '../api/shapes.ts'
import { useApp, useSignedIn } from '../app-context.ts'
import { foldTogether, questionsIn, zeroSince } from '../messages/lines.ts'
import { fill, t } from '../messages/say.ts'
import { AddEntry } from '../parts/add-entry.tsx'
import { Balance } from '../parts/balance.tsx'
import { buttonClass } from '../parts/button.tsx'
import { DebtLife } from '../parts/debt-life.tsx'
import { History } from '../parts/history.tsx'
import { BackIcon } from '../parts/icons.tsx'
import { InviteCall } from '../parts/invite.tsx'
import { Mark } from '../parts/mark.tsx'
import { Card, Page } from '../parts/page.tsx'
import { useDebt, useEntries, waitingIn } from '../parts/queries.ts'
import { Question } from '../parts/question.tsx'
import { RefusedDebt } from '../parts/refused.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { canInvite } from '../standing.ts'
import { hrefOf, readNarrowed } from './debts-filter.ts'
import { Lost } from './lost.tsx'

const headingOf = (debt: Debt): string => {
  const values = { name: debt.counterparty.name }
  if (debt.status === 'settled') return fill(t.debt.quits, values)
  if (debt.status === 'declined') return fill(t.debt.notAgreedHeading, values)
  if (debt.status === 'withdrawn') {
    return debt.role === 'lender' ? t.debt.youTookBack : fill(t.debt.theyTookBack, values)
  }
  return fill(debt.role === 'lender' ? t.debt.owesYou : t.debt.youOwe, values)
}

/** What of this debt waits for the reader: the debt itself, or entries in it. */
const Questions = ({ debt }: { debt: Debt }) => {
  const { user } = useSignedIn()
  const { quits } = useApp()
  const waiting = useQuery(waitingIn(quits, debt))
  if (waiting.isError && waiting.data === undefined) {
    return <Failed error={waiting.error} retry={() => void waiting.refetch()} />
  }
  return foldTogether(questionsIn(debt, waiting.data?.items ?? [], user.id)).map((asked) => (
    <Question key={asked.line?.entry.seq ?? ''} {...asked} />
  ))
}

/** On a phone the form is below the history; this leads there. */
const AddJump = () => (
  <a href={`#${addFormId}`} className={`${buttonClass('plain')} self-start wide:hidden!`}>
    {t.debt.addJump}
  </a>
)

const addFormId = 'add'

/** The list that has the debt which a surplus opened, newest first. */
const surplusHref = ({ role, counterparty: { name, userId } }: Debt): string => {
  const narrowed = { ...readNarrowed(''), show: role === 'lender' ? 'owe' : 'owed' }
  return hrefOf(userId === undefined ? { ...narrowed, q: name } : { ...narrowed, person: userId })
}

const Open = ({ debt }: { debt: Debt }) => {
  const entries = useEntries(debt.id).data?.pages.flatMap(({ items }) => items) ?? []
  const takesEntries = debt.status === 'open' || debt.status === 'settled'
  const [hasSurplus, setSurplus] = useState(false)
  return (
    <>
      <div className="flex items-start justify-between gap-4">
        <Balance debt={debt} quitsSince={zeroSince(entries)} />
        {debt.status === 'settled' && <Mark struck className="size-14 shrink-0" />}
      </div>
      {hasSurplus && (
        <p role="status" className="flex flex-wrap items-center gap-x-4">
          {t.add.doneSurplus}
          <Link href={surplusHref(debt)} className={buttonClass('bare')}>
            {t.add.doneSurplusShow}
          </Link>
        </p>
      )}
      {debt.status === 'declined' && <RefusedDebt debt={debt} />}
      {debt.status === 'proposed' && canInvite(debt) && <InviteCall debt={debt} />}
      <Questions debt={debt} />
      {takesEntries && <AddJump />}
      <div className="grid grid-cols-1 items-start gap-6 wide:grid-cols-[minmax(0,1fr)_22rem]">
        <Card>
          <History debt={debt} />
        </Card>
        <div className="flex flex-col gap-6">
          {takesEntries && (
            <div id={addFormId} className="scroll-mt-20">
              <Card>
                <AddEntry key={debt.status} debt={debt} onSurplus={() => setSurplus(true)} />
              </Card>
            </div>
          )}
          <Card>
            <DebtLife debt={debt} />
          </Card>
        </div>
      </div>
    </>
  )
}

export const DebtPage = ({ id }: { id: string }) => {
  const debt = useDebt(id)
  if (debt.error instanceof ApiProblem && debt.error.status === 404) return <Lost />
  const heading = debt.data === undefined ? t.debt.loading : headingOf(debt.data)
  return (
    <Page title={heading}>
      <Link href="/debts" className={`${buttonClass('bare')} order-first -mb-4 self-start`}>
        <BackIcon />
        {t.debt.back}
      </Link>
      {debt.isPending && <Loading />}
      {debt.isError && debt.data === undefined && (
        <Failed error={debt.error} retry={() => void debt.refetch()} />
      )}
      {debt.data !== undefined && <Open debt={debt.data} />}
    </Page>
  )
}

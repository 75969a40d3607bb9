/** The running tab: everything between its reader and one person. */
import { useState } from 'react'
import { Link } from 'wouter'
import { ApiProblem } from '../api/problem.ts'
import type { Payment, Person } from '../api/shapes.ts'
import { type Standing, standingsOf } from '../messages/between.ts'
import { civilDate, formatDay } from '../dates.ts'
import { fill, t } from '../messages/say.ts'
import { lastDayIn } from '../messages/tab.ts'
import { BlockPerson } from '../parts/block-person.tsx'
import { Button, buttonClass } from '../parts/button.tsx'
import { DebtRow } from '../parts/debt-row.tsx'
import { BackIcon } from '../parts/icons.tsx'
import { MuteButton } from '../parts/mute.tsx'
import { Card, Page } from '../parts/page.tsx'
import { PayPerson } from '../parts/pay-person.tsx'
import { useDebts, usePerson, useTab } from '../parts/queries.ts'
import { StandingConsent } from '../parts/standing-consent.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { Tab } from '../parts/tab.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { Lost } from './lost.tsx'
import { hrefOfDraft } from './new-debt.ts'

const colours = { me: 'text-owe', them: 'text-owed', nobody: 'text-ink-2' } as const

const Net = ({
  person,
  standing,
  quitsSince,
}: {
  person: Person
  standing: Standing
  quitsSince: string | undefined
}) => {
  const [isPaying, setPaying] = useState(false)
  const [paid, setPaid] = useState<Payment>()
  const { name } = person
  const done = paid?.status === 'pending' ? fill(t.pay.doneWaiting, { name }) : t.pay.done
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
      <span>
        <span className={`money block text-title font-medium ${colours[standing.who]}`}>
          {standing.sentence}
        </span>
        {standing.parts !== undefined && (
          <span className="money block text-ink-2">{standing.parts}</span>
        )}
        {standing.who === 'nobody' && standing.parts === undefined && quitsSince !== undefined && (
          <span className="block text-ink-2">
            {fill(t.debt.quitsSince, { date: formatDay(quitsSince, civilDate(new Date())) })}
          </span>
        )}
        <span role="status" className="block text-small text-ink-2 empty:hidden">
          {paid !== undefined && done}
        </span>
      </span>
      {standing.who !== 'nobody' && (
        <Button
          look={standing.who === 'me' ? 'main' : 'plain'}
          aria-haspopup="dialog"
          onClick={() => setPaying(true)}
        >
          {fill(standing.who === 'me' ? t.pay.open : t.pay.theyOpen, { name })}
        </Button>
      )}
      {isPaying && (
        <PayPerson
          person={person}
          standing={standing}
          onPaid={(payment) => {
            setPaid(payment)
            setPaying(false)
          }}
          onClose={() => setPaying(false)}
        />
      )}
    </li>
  )
}

const Between = ({ person }: { person: Person }) => {
  const debts = useDebts({ person: person.id, archived: 'any' })
  const entries = useTab(person.id).data?.pages.flatMap(({ items }) => items) ?? []
  const known = debts.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <ul className="flex flex-col gap-4">
        {standingsOf(person).map((standing) => (
          <Net
            key={standing.currency}
            person={person}
            standing={standing}
            quitsSince={lastDayIn(entries, standing.currency)}
          />
        ))}
      </ul>
      <Link
        href={hrefOfDraft({ with: person.id })}
        className={`${buttonClass('plain')} self-start`}
      >
        {fill(t.person.write, { name: person.name })}
      </Link>
      <Waiting filter={{ person: person.id, archived: 'any' }} />
      <div className="grid grid-cols-1 items-start gap-6 wide:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex flex-col gap-6">
          <Card className="flex flex-col gap-3">
            <h2 className="text-lead">{t.person.debts}</h2>
            {debts.isPending && <Loading />}
            {debts.isError && <Failed error={debts.error} retry={() => void debts.refetch()} />}
            <ul className="flex flex-col">
              {known.map((debt) => (
                <DebtRow key={debt.id} debt={debt} named={false} />
              ))}
            </ul>
            {debts.hasNextPage && (
              <Button
                look="plain"
                className="self-start"
                busy={debts.isFetchingNextPage}
                onClick={() => void debts.fetchNextPage()}
              >
                {t.debts.more}
              </Button>
            )}
          </Card>
          <Card>
            <Tab person={person} />
          </Card>
        </div>
        <Card className="flex flex-col gap-6">
          {person.consentOffered ? (
            <StandingConsent person={person} />
          ) : (
            <p className="text-ink-2">{fill(t.consent.later, { name: person.name })}</p>
          )}
          <div className="flex flex-col items-start gap-1">
            <MuteButton type="person" id={person.id} name={person.name} />
            <BlockPerson person={person} />
          </div>
        </Card>
      </div>
    </>
  )
}

export const PersonPage = ({ id }: { id: string }) => {
  const person = usePerson(id)
  if (person.error instanceof ApiProblem && person.error.status === 404) return <Lost />
  return (
    <Page title={person.data?.name ?? t.person.loading}>
      <Link href="/debts" className={`${buttonClass('bare')} order-first -mb-4 self-start`}>
        <BackIcon />
        {t.debt.back}
      </Link>
      {person.isPending && <Loading />}
      {person.isError && person.data === undefined && (
        <Failed error={person.error} retry={() => void person.refetch()} />
      )}
      {person.data !== undefined && <Between person={person.data} />}
    </Page>
  )
}

import { Link } from 'wouter'
import type { Debt } from '../api/shapes.ts'
import { t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import { buttonClass } from '../parts/button.tsx'
import { DebtRow } from '../parts/debt-row.tsx'
import { Headline } from '../parts/headline.tsx'
import { PenIcon } from '../parts/icons.tsx'
import { Mark } from '../parts/mark.tsx'
import { Card, Page } from '../parts/page.tsx'
import { useDebts, usePeople, useSummary } from '../parts/queries.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { byAge, type Side, standingOf } from '../standing.ts'

const rowsMax = 8

const Empty = () => (
  <div className="flex flex-col items-center gap-6 rounded-ledger border border-hairline bg-card px-5 py-12 text-center">
    <Mark className="size-16" />
    <p className="font-figure text-lead">
      {t.home.empty} {t.home.emptyAsk}
    </p>
    <Link href="/write" className={buttonClass('main')}>
      <PenIcon className="size-5" />
      {t.nav.write}
    </Link>
  </div>
)

const SideCard = ({
  title,
  none,
  debts,
  sides,
  colour,
  href,
}: {
  title: string
  none: string
  debts: Debt[]
  sides: Side[]
  colour: string
  href: string
}) => (
  <Card label={title} className="flex flex-col gap-3">
    <h2 className="text-lead">{title}</h2>
    {debts.length === 0 ? (
      <p className="text-ink-2">{none}</p>
    ) : (
      <ul className="flex flex-col">
        {debts.slice(0, rowsMax).map((debt) => (
          <DebtRow key={debt.id} debt={debt} />
        ))}
      </ul>
    )}
    {sides.length > 0 && (
      <p className="mt-auto flex flex-wrap items-baseline justify-between gap-x-4 border-t border-ink pt-3">
        <span className="text-small text-ink-2">{t.home.total}</span>
        <span className="flex flex-col items-end gap-1">
          {sides.map(({ total }) => (
            <span key={total.currency} className={`money double-rule pb-1 font-semibold ${colour}`}>
              {formatMoney(total)}
            </span>
          ))}
        </span>
      </p>
    )}
    {debts.length > rowsMax && (
      <Link href={href} className={`${buttonClass('bare')} self-start`}>
        {t.home.seeAll}
      </Link>
    )}
  </Card>
)

export const Home = () => {
  const summary = useSummary()
  // Each card has a list of its own: the newest debts of all may leave out all that one of them shows.
  const lent = useDebts({ role: 'lender', status: 'open' })
  const offered = useDebts({ role: 'lender', status: 'proposed' })
  // What waits for my answer is asked above and counts in no list yet.
  const borrowed = useDebts({ role: 'borrower', status: 'open' })
  const waiting = useDebts({ waiting: 'me' })
  const people = usePeople()
  const read = [summary, lent, offered, borrowed, waiting]
  const failed = read.find(({ error }) => error !== null)?.error ?? null
  const retry = () => void Promise.all(read.map((one) => one.refetch()))

  if (summary.data === undefined || read.some(({ data }) => data === undefined)) {
    return (
      <Page title={t.home.title} quiet>
        {failed === null ? <Loading /> : <Failed error={failed} retry={retry} />}
      </Page>
    )
  }
  const [iLent = [], iOffered = [], iOwe = [], asked = []] = [lent, offered, borrowed, waiting].map(
    ({ data }) => data?.pages.flatMap(({ items }) => items) ?? [],
  )
  const isAll = !lent.hasNextPage && !borrowed.hasNextPage
  const { owed, owing } = standingOf(summary.data.currencies, [...iLent, ...iOwe], isAll)
  const iAmOwed = [...iLent, ...iOffered].toSorted(byAge)
  const isEmpty = iAmOwed.length + iOwe.length + asked.length === 0
  // Nothing of somebody blocked comes up by itself; it is in the list and on its own page.
  const blocked = new Set(people.data?.items.flatMap((one) => (one.blocked ? one.id : [])))
  const asksAloud = ({ counterparty: { userId } }: Debt) =>
    userId === undefined || !blocked.has(userId)

  return (
    <Page title={t.home.title} quiet>
      {owed.length + owing.length > 0 && <Headline owed={owed} owing={owing} />}
      {isEmpty && <Empty />}
      {!people.isPending && <Waiting comesUp={asksAloud} offers />}
      {!isEmpty && (
        <div className="grid grid-cols-1 items-stretch gap-4 wide:grid-cols-2 wide:gap-6">
          <SideCard
            title={t.home.iAmOwed}
            none={t.home.iAmOwedNothing}
            debts={iAmOwed}
            sides={owed}
            colour="text-owed"
            href="/debts?show=owed"
          />
          <SideCard
            title={t.home.iOwe}
            none={t.home.iOweNothing}
            debts={iOwe}
            sides={owing}
            colour="text-owe"
            href="/debts?show=owe"
          />
        </div>
      )}
    </Page>
  )
}

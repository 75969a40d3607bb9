import type { Money } from '@quits/proto/money'
import { Link, useSearch } from 'wouter'
import type { Role, Total } from '../api/shapes.ts'
import { fill, t } from '../messages/say.ts'
import { isZero } from '../money.ts'
import { DirectedAmount } from '../parts/amount.tsx'
import { Button, buttonClass } from '../parts/button.tsx'
import { DebtRow } from '../parts/debt-row.tsx'
import { FindDebts } from '../parts/find-debts.tsx'
import { Card, Page } from '../parts/page.tsx'
import { useDebts } from '../parts/queries.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { filterOf, isNarrowed, type Narrowed, readNarrowed, showOf } from './debts-filter.ts'

/** Currencies stay apart, and so do the two sides of one. */
const Totals = ({ totals }: { totals: readonly Total[] }) => {
  const sides = totals.flatMap(({ currency, owed, owing }): { role: Role; money: Money }[] => [
    { role: 'lender', money: { minor: owed, currency } },
    { role: 'borrower', money: { minor: owing, currency } },
  ])
  const counted = sides.filter(({ money }) => !isZero(money))
  if (counted.length === 0) return null
  return (
    <p className="flex flex-wrap items-baseline justify-between gap-x-4 border-t border-ink pt-3">
      <span className="text-small text-ink-2">{t.home.total}</span>
      <span className="flex flex-col items-end gap-1">
        {counted.map(({ role, money }) => (
          <span key={`${money.currency} ${role}`} className="double-rule pb-1">
            <DirectedAmount money={money} role={role} />
          </span>
        ))}
      </span>
    </p>
  )
}

const Nothing = ({ narrowed }: { narrowed: Narrowed }) => {
  const isAll = narrowed.show === '' && !isNarrowed(narrowed)
  const words = narrowed.q.trim()
  if (words !== '' && !isNarrowed({ ...narrowed, q: '' })) {
    return <p>{fill(t.debts.notFound, { words })}</p>
  }
  if (isNarrowed(narrowed)) return <p>{t.debts.noneNarrowed}</p>
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
      {isAll ? `${t.home.empty} ${t.home.emptyAsk}` : t.debts.none}
      <Link href="/write" className={buttonClass('bare')}>
        {t.nav.write}
      </Link>
    </p>
  )
}

export const Debts = () => {
  const narrowed = readNarrowed(useSearch())
  const debts = useDebts(filterOf(narrowed))
  const items = debts.data?.pages.flatMap((page) => page.items) ?? []
  const shown = items.filter((debt) => showOf(narrowed)?.keeps(debt) ?? true)

  return (
    <Page title={t.debts.title}>
      <FindDebts narrowed={narrowed} />
      {debts.isPending && <Loading />}
      {debts.isError && <Failed error={debts.error} retry={() => void debts.refetch()} />}
      {debts.isSuccess && (
        <Card className="flex flex-col gap-3">
          {shown.length === 0 && !debts.hasNextPage ? (
            <Nothing narrowed={narrowed} />
          ) : (
            <ul className="flex flex-col">
              {shown.map((debt) => (
                <DebtRow key={debt.id} debt={debt} />
              ))}
            </ul>
          )}
          <Totals totals={debts.data.pages[0]?.totals ?? []} />
        </Card>
      )}
      {debts.hasNextPage && (
        <Button
          look="plain"
          className="self-center"
          busy={debts.isFetchingNextPage}
          onClick={() => void debts.fetchNextPage()}
        >
          {t.debts.more}
        </Button>
      )}
    </Page>
  )
}

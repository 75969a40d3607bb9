import { Link, useSearch } from 'wouter'
import type { Debt } from '../api/shapes.ts'
import { t } from '../messages/say.ts'
import { Button, buttonClass } from '../parts/button.tsx'
import { DebtRow } from '../parts/debt-row.tsx'
import { Card, Page } from '../parts/page.tsx'
import { useDebts } from '../parts/queries.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { isOver } from '../standing.ts'

type Filter = 'all' | 'owed' | 'owe' | 'quits'

const filters: { name: Filter; label: string; keeps: (debt: Debt) => boolean }[] = [
  { name: 'all', label: t.debts.all, keeps: () => true },
  { name: 'owed', label: t.debts.owed, keeps: (d) => d.role === 'lender' && !isOver(d) },
  { name: 'owe', label: t.debts.owe, keeps: (d) => d.role === 'borrower' && !isOver(d) },
  { name: 'quits', label: t.debts.quits, keeps: ({ status }) => status === 'settled' },
]

const FilterLinks = ({ current }: { current: Filter }) => (
  <nav aria-label={t.debts.show} className="-mx-1 flex gap-2 overflow-x-auto px-1 py-1">
    {filters.map(({ name, label }) => (
      <Link
        key={name}
        href={name === 'all' ? '/debts' : `/debts?${name}`}
        aria-current={name === current ? 'true' : undefined}
        className={
          'flex min-h-11 shrink-0 items-center rounded-full border border-edge px-4 ' +
          'hover:border-ink aria-[current=true]:border-brand aria-[current=true]:bg-brand ' +
          'aria-[current=true]:text-on-brand'
        }
      >
        {label}
      </Link>
    ))}
  </nav>
)

export const Debts = () => {
  const search = useSearch()
  const debts = useDebts()
  const filter = filters.find(({ name }) => search.startsWith(name)) ?? filters[0]
  const items = debts.data?.pages.flatMap((page) => page.items) ?? []
  const shown = items.filter((debt) => filter === undefined || filter.keeps(debt))

  return (
    <Page title={t.debts.title}>
      <FilterLinks current={filter?.name ?? 'all'} />
      {debts.isPending && <Loading />}
      {debts.isError && <Failed error={debts.error} retry={() => void debts.refetch()} />}
      {debts.isSuccess && (
        <Card>
          {shown.length === 0 && !debts.hasNextPage ? (
            <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
              {items.length === 0 ? `${t.home.empty} ${t.home.emptyAsk}` : t.debts.none}
              <Link href="/write" className={buttonClass('bare')}>
                {t.nav.write}
              </Link>
            </p>
          ) : (
            <ul className="flex flex-col">
              {shown.map((debt) => (
                <DebtRow key={debt.id} debt={debt} />
              ))}
            </ul>
          )}
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

/** The running tab: what two people wrote down between them, whichever debt it is in. */
import { Link } from 'wouter'
import type { Person } from '../api/shapes.ts'
import { civilDate, formatDay } from '../dates.ts'
import { endings } from '../messages/entries.ts'
import { fill, t } from '../messages/say.ts'
import { type TabLine, tabLinesOf } from '../messages/tab.ts'
import { formatMoney } from '../money.ts'
import { DirectedAmount } from './amount.tsx'
import { Button } from './button.tsx'
import { entryHref } from './named-entry.ts'
import { useTab } from './queries.ts'
import { Chip, Failed, Loading } from './states.tsx'

const Status = ({ entry: { status } }: TabLine) => {
  if (status === 'posted') return null
  return (
    <Chip waits={status === 'pending'}>{status === 'pending' ? t.tab.waits : endings[status]}</Chip>
  )
}

const Row = ({ line, today }: { line: TabLine; today: string }) => {
  const { entry, sentence, side } = line
  const date = formatDay(entry.occurredOn, today)
  const what = entry.note === undefined || entry.note === entry.description ? [] : [entry.note]
  const counts = entry.status === 'posted' && side !== undefined
  return (
    <li className="border-t border-hairline first:border-0">
      <div className="relative -mx-2 flex items-start justify-between gap-4 rounded-ledger px-2 py-3 hover:bg-paper">
        <span className="min-w-0">
          <Link
            href={entryHref(entry.debtId, entry.seq)}
            className="block font-medium after:absolute after:inset-0 after:rounded-ledger"
          >
            {sentence}
          </Link>
          <span className="block text-small text-ink-2">
            {[entry.description, ...what, date].join(' · ')}
          </span>
          <span className="flex pt-1 empty:hidden">
            <Status {...line} />
          </span>
        </span>
        <span className="shrink-0">
          {counts ? (
            <DirectedAmount money={entry.amount} role={side} />
          ) : (
            <span className="money text-ink-2">{formatMoney(entry.amount)}</span>
          )}
        </span>
      </div>
    </li>
  )
}

export const Tab = ({ person }: { person: Person }) => {
  const tab = useTab(person.id)
  const lines = tabLinesOf(tab.data?.pages.flatMap(({ items }) => items) ?? [], person.name)
  const today = civilDate(new Date())
  return (
    <section aria-labelledby="tab" className="flex flex-col gap-3">
      <h2 id="tab" className="text-lead">
        {t.tab.title}
      </h2>
      <p className="text-small text-ink-2">{fill(t.tab.signs, { name: person.name })}</p>
      {tab.isPending && <Loading />}
      {tab.isError && <Failed error={tab.error} retry={() => void tab.refetch()} />}
      <ol className="flex flex-col">
        {lines.map((line) => (
          <Row key={`${line.entry.debtId} ${line.entry.seq}`} line={line} today={today} />
        ))}
      </ol>
      {tab.hasNextPage && (
        <Button
          look="plain"
          className="self-start"
          busy={tab.isFetchingNextPage}
          onClick={() => void tab.fetchNextPage()}
        >
          {t.debt.earlier}
        </Button>
      )}
    </section>
  )
}

/** What was written down, newest first. Nothing here is ever changed; later lines answer earlier. */
import type { Money } from '@quits/proto/money'
import type { Debt, Entry } from '../api/shapes.ts'
import { useSignedIn } from '../app-context.ts'
import { civilDate, formatDay, formatInstant } from '../dates.ts'
import { asksMe, endings, isResolution, sayEntry, sayWho } from '../messages/entries.ts'
import {
  balanceOfLine,
  isCorrectable,
  isMineToTakeBack,
  type Line,
  linesOf,
  sayCorrection,
} from '../messages/lines.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import { MovedAmount } from './amount.tsx'
import { Button } from './button.tsx'
import { CorrectEntry } from './correct-entry.tsx'
import { ClockIcon } from './icons.tsx'
import { entryAnchor, useNamedEntry } from './named-entry.ts'
import { useEntries } from './queries.ts'
import { WriteRight } from './refused.tsx'
import { Chip, Failed, Loading } from './states.tsx'
import { TakeEntryBack } from './take-entry-back.tsx'

const Status = ({ entry, debt, me }: { entry: Entry; debt: Debt; me: string }) => {
  const { name } = debt.counterparty
  if (entry.status === 'posted') return null
  if (entry.status !== 'pending') return <Chip>{endings[entry.status]}</Chip>
  return (
    <Chip waits>
      <ClockIcon />
      {asksMe(entry, me) ? t.entry.waitingForYou : fill(t.entry.waitingFor, { name })}
    </Chip>
  )
}

const Amount = ({ entry, balance }: { entry: Entry; balance: Money }) => {
  const counts = entry.status === 'posted'
  return (
    <span className="flex shrink-0 flex-col items-end">
      <span className={`money font-semibold ${counts ? '' : 'text-ink-2'}`}>
        <MovedAmount entry={entry} />
      </span>
      {counts && (
        <span className="money text-small text-ink-2">
          {fill(t.entry.balance, { amount: formatMoney(balance) })}
        </span>
      )}
    </span>
  )
}

/** An entry with its amount, or the plain line of an answer to one. */
const Row = ({
  line,
  answered,
  debt,
  balance,
  me,
  isNamed,
}: {
  line: Line
  /** What the line answers, when it is an answer. */
  answered: Entry | undefined
  debt: Debt
  balance: Money
  me: string
  /** The address leads here. */
  isNamed: boolean
}) => {
  const now = new Date()
  const anchor = { id: entryAnchor(line), tabIndex: -1 }
  const named = isNamed ? '-mx-2 rounded-ledger bg-waiting-tint px-2' : ''
  const { entry, undoing, opens } = line
  const sentence = sayEntry(opens ? { ...entry, seq: 1 } : entry, debt, me)
  if (isResolution(entry)) {
    return (
      <li
        {...anchor}
        className={`flex flex-wrap items-baseline justify-between gap-x-4 border-t border-hairline py-3 text-small text-ink-2 first:border-0 ${named}`}
      >
        <span>
          {sentence}
          {entry.reason !== undefined && ` · ${entry.reason}`}
          {entry.suggested !== undefined && (
            <>
              {` · ${fill(t.entry.wouldBe, { amount: formatMoney(entry.suggested) })}`}
              <WriteRight debt={debt} refused={answered} amount={entry.suggested} />
            </>
          )}
        </span>
        <time dateTime={entry.at}>{formatInstant(entry.at, now)}</time>
      </li>
    )
  }
  const who = sayWho(entry, debt, me)
  const date = formatDay(entry.occurredOn, civilDate(now))
  return (
    <li
      {...anchor}
      className={`flex items-start justify-between gap-4 border-t border-hairline py-4 first:border-0 ${named}`}
    >
      <span className="min-w-0">
        <span className="block font-medium">{sentence}</span>
        {entry.note !== undefined && <span className="block">{entry.note}</span>}
        {undoing !== undefined && (
          <span className="money block">
            {sayCorrection({ entry, undoing }, debt, me)}
            {undoing.reason !== undefined && ` · ${undoing.reason}`}
          </span>
        )}
        {undoing === undefined && entry.reason !== undefined && (
          <span className="block">{entry.reason}</span>
        )}
        <span className="block text-small text-ink-2">{fill(t.entry.meta, { who, date })}</span>
        <span className="flex pt-1 empty:hidden">
          <Status entry={entry} debt={debt} me={me} />
        </span>
        {isMineToTakeBack(entry, debt, me) && (
          <TakeEntryBack debt={debt} entry={entry} what={sentence} />
        )}
        {isCorrectable(entry, debt) && <CorrectEntry debt={debt} entry={entry} what={sentence} />}
      </span>
      <Amount entry={entry} balance={balance} />
    </li>
  )
}

export const History = ({ debt }: { debt: Debt }) => {
  const { user } = useSignedIn()
  const entries = useEntries(debt.id)
  const items = entries.data?.pages.flatMap((page) => page.items) ?? []
  const lines = linesOf(items)
  const named = useNamedEntry(entries, lines)
  return (
    <section aria-labelledby="history" className="flex flex-col gap-2">
      <h2 id="history" className="text-lead">
        {t.debt.history}
      </h2>
      {entries.isPending && <Loading />}
      {entries.isError && <Failed error={entries.error} retry={() => void entries.refetch()} />}
      {entries.isSuccess && items.length === 0 && <p className="text-ink-2">{t.debt.noHistory}</p>}
      <ol className="flex flex-col">
        {lines.map((line) => (
          <Row
            key={line.entry.seq}
            line={line}
            answered={items.find(({ seq }) => seq === line.entry.resolves)}
            debt={debt}
            balance={balanceOfLine(line, items)}
            me={user.id}
            isNamed={line.entry.seq === named?.entry.seq}
          />
        ))}
      </ol>
      {entries.hasNextPage && (
        <Button
          look="plain"
          className="self-start"
          busy={entries.isFetchingNextPage}
          onClick={() => void entries.fetchNextPage()}
        >
          {t.debt.earlier}
        </Button>
      )}
    </section>
  )
}

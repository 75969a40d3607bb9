/** Narrows a list of debts: what to show, whom, words to look for, and further filters. */
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Debt } from '../api/shapes.ts'
import { choose, fill, t } from '../messages/say.ts'
import {
  furtherCount,
  hrefOf,
  isNarrowed,
  type Narrowed,
  shows,
  unnarrowed,
} from '../pages/debts-filter.ts'
import { buttonClass } from './button.tsx'
import { DayField, Field, SelectField } from './field.tsx'
import { useDebts, usePeople } from './queries.ts'

/** A pause of this length ends what is typed. */
const typingMs = 250

const Search = ({ narrowed }: { narrowed: Narrowed }) => {
  const [, navigate] = useLocation()
  const [typed, setTyped] = useState(narrowed.q)
  useEffect(() => {
    if (typed === narrowed.q) return undefined
    const timer = setTimeout(
      () => navigate(hrefOf({ ...narrowed, q: typed }), { replace: true }),
      typingMs,
    )
    return () => clearTimeout(timer)
  }, [typed, narrowed, navigate])
  return (
    <Field
      type="search"
      label={t.debts.search}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      autoComplete="off"
      maxLength={100}
    />
  )
}

/** A choice among what is known, and what is chosen even if it is not. */
const Choice = ({
  label,
  every,
  value,
  known,
  onChoose,
}: {
  label: string
  every: string
  value: string
  known: readonly string[]
  onChoose: (value: string) => void
}) => (
  <SelectField label={label} value={value} onChange={(event) => onChoose(event.target.value)}>
    <option value="">{every}</option>
    {[...new Set([...known, value])]
      .filter((option) => option !== '')
      .toSorted()
      .map((option) => (
        <option key={option}>{option}</option>
      ))}
  </SelectField>
)

/** A day goes into the address once it is one. */
const Day = ({
  label,
  value,
  onChoose,
}: {
  label: string
  value: string
  onChoose: (value: string) => void
}) => {
  const [typed, setTyped] = useState(value)
  return (
    <DayField
      label={label}
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value)
        onChoose(event.target.value)
      }}
    />
  )
}

const Further = ({ narrowed }: { narrowed: Narrowed }) => {
  const [, navigate] = useLocation()
  const known: Debt[] =
    useDebts({ archived: 'any' }).data?.pages.flatMap(({ items }) => items) ?? []
  const count = furtherCount(narrowed)
  const [isOpen, setOpen] = useState(count > 0)
  const set = (change: Partial<Narrowed>) =>
    navigate(hrefOf({ ...narrowed, ...change }), { replace: true })
  const label = fill(choose(t.debts.furtherSet, count), { count: String(count) })
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-11 w-fit items-center text-brand underline decoration-1 underline-offset-4">
        {count === 0 ? t.debts.further : label}
      </summary>
      <div className="grid grid-cols-2 gap-3 pt-2 wide:grid-cols-4">
        <Choice
          label={t.debts.currency}
          every={t.debts.everyCurrency}
          value={narrowed.currency}
          known={known.map(({ balance }) => balance.currency)}
          onChoose={(currency) => set({ currency })}
        />
        <Choice
          label={t.debts.category}
          every={t.debts.everyCategory}
          value={narrowed.category}
          known={known.flatMap(({ category }) => category ?? [])}
          onChoose={(category) => set({ category })}
        />
        <Day label={t.debts.from} value={narrowed.from} onChoose={(from) => set({ from })} />
        <Day label={t.debts.to} value={narrowed.to} onChoose={(to) => set({ to })} />
      </div>
    </details>
  )
}

const Shows = ({ narrowed }: { narrowed: Narrowed }) => (
  <nav aria-label={t.debts.show} className="-mx-1 flex gap-2 overflow-x-auto px-1 py-1">
    {shows.map(({ name, label }) => (
      <Link
        key={name}
        href={hrefOf({ ...narrowed, show: name })}
        aria-current={name === narrowed.show ? 'true' : undefined}
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

export const FindDebts = ({ narrowed }: { narrowed: Narrowed }) => {
  const [, navigate] = useLocation()
  const people = usePeople().data?.items ?? []
  // Cleared from outside, the fields begin anew.
  const [clears, setClears] = useState(0)
  return (
    <search key={clears} className="flex flex-col gap-4">
      <Shows narrowed={narrowed} />
      <div className="grid grid-cols-1 gap-3 wide:grid-cols-2">
        <Search narrowed={narrowed} />
        {people.length > 0 && (
          <SelectField
            label={t.debts.person}
            value={narrowed.person}
            onChange={(event) => navigate(hrefOf({ ...narrowed, person: event.target.value }))}
          >
            <option value="">{t.debts.everybody}</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      <Further narrowed={narrowed} />
      {isNarrowed(narrowed) && (
        <Link
          href={hrefOf(unnarrowed(narrowed))}
          onClick={() => setClears(clears + 1)}
          className={`${buttonClass('bare')} self-start`}
        >
          {t.debts.clear}
        </Link>
      )}
    </search>
  )
}

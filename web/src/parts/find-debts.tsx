/** Narrows a list of debts: what to show, whom, and words to look for. */
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { t } from '../messages/say.ts'
import { hrefOf, type Narrowed, shows } from '../pages/debts-filter.ts'
import { Field, SelectField } from './field.tsx'
import { usePeople } from './queries.ts'

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

export const FindDebts = ({ narrowed }: { narrowed: Narrowed }) => {
  const [, navigate] = useLocation()
  const people = usePeople().data?.items ?? []
  return (
    <search className="flex flex-col gap-4">
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
    </search>
  )
}

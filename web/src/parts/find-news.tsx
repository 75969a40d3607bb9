/** Narrows the news: what to show, by whom, about which debt, of which kind. */
import { type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'
import { fill, t } from '../messages/say.ts'
import {
  type NarrowedNews,
  newsHref,
  newsKinds,
  newsShows,
  showsEverything,
} from '../pages/news-filter.ts'
import { SelectField } from './field.tsx'
import { MuteButton } from './mute.tsx'
import { useDebt, useDebts, usePeople } from './queries.ts'
import { Shows } from './shows.tsx'

interface Option {
  value: string
  label: string
}

const Narrow = ({
  label,
  every,
  value,
  options,
  onChange,
}: {
  label: string
  every: string
  value: string
  options: readonly Option[]
  onChange: (value: string) => void
}) => (
  <SelectField label={label} value={value} onChange={(event) => onChange(event.target.value)}>
    <option value="">{every}</option>
    {options.map((option) => (
      <option key={option.value} value={option.value}>
        {option.label}
      </option>
    ))}
  </SelectField>
)

const useDebtOptions = (): Option[] => {
  const items = useDebts().data?.pages.flatMap((page) => page.items) ?? []
  return items.map(({ id, description, counterparty }) => ({
    value: id,
    label: fill(t.whatsNew.debtOf, { what: description, name: counterparty.name }),
  }))
}

/** A debt that the address names and the list does not hold. */
const NamedDebt = ({ id, children }: { id: string; children: (option: Option) => ReactNode }) => {
  const debt = useDebt(id)
  const label =
    debt.data === undefined
      ? t.loading
      : fill(t.whatsNew.debtOf, {
          what: debt.data.description,
          name: debt.data.counterparty.name,
        })
  return children({ value: id, label })
}

export const FindNews = ({ narrowed }: { narrowed: NarrowedNews }) => {
  const [, navigate] = useLocation()
  const [isOpen, setOpen] = useState(!showsEverything({ ...narrowed, show: '' }))
  const people = usePeople().data?.items ?? []
  const debts = useDebtOptions()
  const go = (change: Partial<NarrowedNews>) => navigate(newsHref({ ...narrowed, ...change }))
  const about = (options: readonly Option[]) => (
    <Narrow
      label={t.whatsNew.debt}
      every={t.whatsNew.everyDebt}
      value={narrowed.debt}
      options={options}
      onChange={(debt) => go({ debt })}
    />
  )
  const isListed = narrowed.debt === '' || debts.some(({ value }) => value === narrowed.debt)
  return (
    <search className="flex flex-col gap-3">
      <Shows
        label={t.whatsNew.show}
        current={narrowed.show}
        options={newsShows.map(({ value, label }) => ({
          name: value,
          label,
          href: newsHref({ ...narrowed, show: value }),
        }))}
      />
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="flex min-h-11 w-fit items-center text-brand underline decoration-1 underline-offset-4">
          {t.whatsNew.narrow}
        </summary>
        <div className="grid grid-cols-1 gap-3 wide:grid-cols-3">
          <Narrow
            label={t.whatsNew.person}
            every={t.whatsNew.everybody}
            value={narrowed.person}
            options={people.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(person) => go({ person })}
          />
          {isListed ? (
            about(debts)
          ) : (
            <NamedDebt id={narrowed.debt}>{(option) => about([...debts, option])}</NamedDebt>
          )}
          <Narrow
            label={t.whatsNew.kind}
            every={t.whatsNew.everyKind}
            value={narrowed.kind}
            options={newsKinds.map(({ kind, label }) => ({ value: kind, label }))}
            onChange={(kind) => go({ kind })}
          />
        </div>
      </details>
      {narrowed.kind !== '' && <MuteButton type="kind" id={narrowed.kind} />}
    </search>
  )
}

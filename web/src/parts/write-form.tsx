/** The form that writes a debt down, beginning with what is known. */
import { currencies } from '@quits/proto/currencies'
import { useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { codeOf } from '../api/problem.ts'
import type { Debt, KnownPerson, NewDebt } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { remember } from '../browser.ts'
import { civilDate } from '../dates.ts'
import { limits } from '../limits.ts'
import { touchDebt } from '../live.ts'
import { fill, sayError, t } from '../messages/say.ts'
import {
  type Draft,
  type DraftFaults,
  isEmail,
  personNamed,
  readDraft,
  sayConsequence,
  sayDraft,
} from '../pages/new-debt.ts'
import { Button } from './button.tsx'
import { AmountField, Choices, DayField, SelectField, WordsField } from './field.tsx'
import { usePeople } from './queries.ts'
import { Outcome } from './states.tsx'
import { stopAtFault } from './stop-at-fault.ts'
import { useAct } from './use-act.ts'

const directions = [
  { value: 'lent', label: t.write.lent },
  { value: 'borrowed', label: t.write.borrowed },
] as const

const useOpenDebt = () => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  return useAct<NewDebt, Debt>(
    (body, key) => quits.addDebt(body, key),
    (debt) => {
      remember('currency', debt.balance.currency)
      navigate(`/debts/${debt.id}`)
      return touchDebt(queries, debt.id)
    },
  )
}

/** Refusals that are about whom it is with, and so are told at that field. */
const whoFaultOf = (error: unknown): string | undefined =>
  ['debt_with_yourself', 'too_many_first_contacts'].includes(codeOf(error))
    ? sayError(error)
    : undefined

interface Part {
  draft: Draft
  faults: DraftFaults
  set: (change: Partial<Draft>) => void
}

/** Somebody known here is found by their name; an address or another name does as well. */
const Who = ({
  draft,
  faults,
  set,
  people,
  onSomebodyElse,
}: Part & { people: readonly KnownPerson[]; onSomebodyElse: () => void }) => {
  const names = useId()
  const { who, nickname, personId } = draft
  const values = { name: who.trim() }
  return (
    <>
      <div className="flex flex-col">
        <WordsField
          label={t.write.who}
          hint={personId === '' ? t.write.whoHint : fill(t.write.known, values)}
          fault={faults.who}
          value={who}
          lengthMax={isEmail(who) ? limits.emailLengthMax : limits.nameLengthMax}
          onChange={(event) => set({ who: event.target.value, personId: '' })}
          list={names}
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <datalist id={names}>
          {people.map(({ id, name }) => (
            <option key={id} value={name} />
          ))}
        </datalist>
        {personId !== '' && (
          <Button look="bare" className="self-start" onClick={onSomebodyElse}>
            {fill(t.write.notThem, values)}
          </Button>
        )}
      </div>
      {isEmail(who) && (
        <WordsField
          label={t.write.nickname}
          value={nickname}
          lengthMax={limits.nameLengthMax}
          onChange={(event) => set({ nickname: event.target.value })}
        />
      )}
    </>
  )
}

const HowMuch = ({ draft, faults, set }: Part) => (
  <div className="grid grid-cols-[1fr_7rem] gap-3">
    <AmountField
      label={t.write.amount}
      fault={faults.amount}
      value={draft.amount}
      onChange={(event) => set({ amount: event.target.value })}
      required
    />
    <SelectField
      label={t.write.currency}
      value={draft.currency}
      onChange={(event) => set({ currency: event.target.value })}
    >
      {currencies.map((code) => (
        <option key={code}>{code}</option>
      ))}
    </SelectField>
  </div>
)

const More = ({ draft, set }: Omit<Part, 'faults'>) => (
  <details className="group flex flex-col">
    <summary className="flex min-h-11 items-center text-brand underline decoration-1 underline-offset-4">
      {t.write.details}
    </summary>
    <div className="grid grid-cols-1 gap-5 pt-2 wide:grid-cols-2">
      <DayField
        label={t.write.due}
        value={draft.due}
        onChange={(event) => set({ due: event.target.value })}
      />
      <WordsField
        label={t.write.category}
        hint={t.write.categoryHint}
        value={draft.category}
        lengthMax={limits.categoryLengthMax}
        onChange={(event) => set({ category: event.target.value })}
      />
    </div>
  </details>
)

export const WriteForm = ({ start }: { start: Draft }) => {
  const [typed, setTyped] = useState(start)
  // The name for which its writer said that they mean somebody else.
  const [elseNamed, setElseNamed] = useState<string>()
  const people = usePeople().data?.items ?? []
  const meant = typed.who === elseNamed ? undefined : personNamed(people, typed.who)
  const draft = typed.personId === '' ? { ...typed, personId: meant?.id ?? '' } : typed
  const [faults, setFaults] = useState<DraftFaults>({})
  const open = useOpenDebt()
  const today = civilDate(new Date())
  const set = (change: Partial<Draft>) => {
    setTyped({ ...typed, ...change })
    const left = Object.entries(faults).filter(([name]) => !(name in change))
    setFaults(Object.fromEntries(left))
    open.reset()
  }
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    if (open.isPending) return
    const read = readDraft(draft, today)
    if ('debt' in read) return stopAtFault(form) ? undefined : open.mutate(read.debt)
    setFaults(read.faults)
    // The faults are on the screen after this turn.
    requestAnimationFrame(() => stopAtFault(form))
  }
  const sentence = sayDraft(draft)
  const whoFault = open.error === null ? undefined : whoFaultOf(open.error)

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5">
      <Choices
        label={t.write.direction}
        name="direction"
        value={draft.direction}
        options={directions}
        onChange={(direction) => set({ direction })}
      />
      <Who
        draft={draft}
        faults={{ who: whoFault, ...faults }}
        set={set}
        people={people}
        onSomebodyElse={() => {
          setElseNamed(typed.who)
          set({ personId: '' })
        }}
      />
      <HowMuch draft={draft} faults={faults} set={set} />
      <WordsField
        label={t.write.what}
        fault={faults.what}
        value={draft.what}
        lengthMax={limits.descriptionLengthMax}
        onChange={(event) => set({ what: event.target.value })}
        required
      />
      <DayField
        label={t.write.when}
        fault={faults.occurredOn}
        value={draft.occurredOn}
        latest={today}
        onChange={(event) => set({ occurredOn: event.target.value })}
        required
      />
      <More draft={draft} set={set} />
      {sentence !== undefined && (
        <div className="arrives rounded-ledger bg-paper p-4">
          <p className="font-figure text-lead">{sentence}</p>
          <p className="text-small text-ink-2">{sayConsequence(draft)}</p>
        </div>
      )}
      <Outcome error={whoFault === undefined ? open.error : undefined} />
      <Button type="submit" busy={open.isPending}>
        {t.write.submit}
      </Button>
    </form>
  )
}

/** Adds to a debt: paid back, lent or borrowed more, let go; as the reader's side allows. */
import { useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useRef, useState } from 'react'
import { sayAmountFault } from '../amount-fault.ts'
import type { Debt, Entry, EntryKind, NewEntry } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate } from '../dates.ts'
import { limits } from '../limits.ts'
import { touchDebt } from '../live.ts'
import { choicesOf } from '../messages/entries.ts'
import { fill, t } from '../messages/say.ts'
import { parseAmount, toTyped } from '../money.ts'
import { Button } from './button.tsx'
import { AmountField, Choices, DayField, WordsField } from './field.tsx'
import { stopAtFault } from './stop-at-fault.ts'
import { TooMuch } from './too-much.tsx'
import { useAct } from './use-act.ts'

const useAddEntry = (debt: Debt, onAdded: (entry: Entry, body: NewEntry) => void) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  return useAct<NewEntry, Entry>(
    (body, key) => quits.addEntry(debt.id, body, key),
    async (entry, body) => {
      onAdded(entry, body)
      await touchDebt(queries, debt.id)
    },
  )
}

const sayDone = (entry: Entry, name: string): string =>
  entry.status === 'pending' ? fill(t.add.doneWaiting, { name }) : t.add.done

/** What will become of it. */
const sayBefore = (debt: Debt, waits: boolean): string => {
  const { add } = t
  const next = waits ? fill(add.willAsk, { name: debt.counterparty.name }) : add.atOnce
  return debt.status === 'settled' ? `${next} ${add.reopens}` : next
}

export const AddEntry = ({
  debt,
  onSurplus,
}: {
  debt: Debt
  /** More was recorded than was owed: the rest became a debt the other way. */
  onSurplus: () => void
}) => {
  const { name } = debt.counterparty
  const { currency } = debt.balance
  const choices = choicesOf(debt)
  const [kind, setKind] = useState<EntryKind>(choices[0]?.kind ?? 'advance')
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const [occurredOn, setOccurredOn] = useState(() => civilDate(new Date()))
  const [note, setNote] = useState('')
  const [done, setDone] = useState('')
  const amountRef = useRef<HTMLInputElement>(null)

  const add = useAddEntry(debt, (entry, body) => {
    if (body.surplus === 'debt' && entry.status === 'posted') {
      onSurplus()
      document.querySelector('h1')?.focus()
    }
    setDone(sayDone(entry, name))
    setTyped('')
    setNote('')
  })
  const send = (amountTyped: string) => {
    const parsed = parseAmount(amountTyped, currency)
    if ('fault' in parsed) {
      setFault(sayAmountFault(parsed.fault, currency))
      amountRef.current?.focus()
      return
    }
    const spoken = note.trim()
    add.mutate({
      kind,
      amount: parsed.money,
      occurredOn,
      ...(spoken === '' ? {} : { note: spoken }),
    })
  }
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    setDone('')
    if (!add.isPending && !stopAtFault(event.currentTarget)) send(typed)
  }
  const change = (run: () => void) => {
    run()
    setFault(undefined)
    setDone('')
    add.reset()
  }
  const waits = choices.find((choice) => choice.kind === kind)?.waits === true

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5">
      <h2 className="text-lead">{t.add.title}</h2>
      <Choices
        stacked
        label={t.add.what}
        name="kind"
        value={kind}
        options={choices.map((choice) => ({ value: choice.kind, label: choice.label }))}
        onChange={(next) => change(() => setKind(next))}
      />
      <AmountField
        ref={amountRef}
        label={`${t.add.amount} (${currency})`}
        fault={fault}
        value={typed}
        onChange={(event) => change(() => setTyped(event.target.value))}
      />
      <DayField
        label={t.add.when}
        fault={occurredOn === '' ? t.required : undefined}
        value={occurredOn}
        latest={civilDate(new Date())}
        onChange={(event) => change(() => setOccurredOn(event.target.value))}
      />
      <WordsField
        label={t.add.note}
        value={note}
        lengthMax={limits.noteLengthMax}
        onChange={(event) => change(() => setNote(event.target.value))}
      />
      <TooMuch
        debt={debt}
        error={add.error}
        tried={add.variables}
        onRecord={(remaining) => {
          setTyped(toTyped(remaining))
          send(toTyped(remaining))
        }}
        onRecordAll={() => {
          if (add.variables !== undefined) add.mutate({ ...add.variables, surplus: 'debt' })
        }}
      />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" busy={add.isPending}>
          {t.add.submit}
        </Button>
        <p role="status" className="text-small text-ink-2">
          {done === '' ? sayBefore(debt, waits) : done}
        </p>
      </div>
    </form>
  )
}

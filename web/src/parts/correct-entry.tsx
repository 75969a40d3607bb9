/** Corrects an entry that counts, or undoes it; what was written stays in the history. */
import { useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { sayAmountFault } from '../amount-fault.ts'
import type { Correction, Debt, Entry } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate } from '../dates.ts'
import { limits } from '../limits.ts'
import { touchDebt } from '../live.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, parseAmount, toTyped } from '../money.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { AmountField, Choices, DayField, WordsField } from './field.tsx'
import { Outcome } from './states.tsx'
import { stopAtFault } from './stop-at-fault.ts'
import { useAct } from './use-act.ts'

const ways = [
  { value: 'amount', label: t.correct.wrongAmount },
  { value: 'undo', label: t.correct.undo },
] as const

const useCorrect = (debt: Debt, entry: Entry, onDone: () => void) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  return useAct<Correction, Entry>(
    (body, key) => quits.correctEntry(debt.id, entry.seq, body, key),
    async () => {
      onDone()
      await touchDebt(queries, debt.id)
    },
  )
}

interface Typed {
  amount: string
  occurredOn: string
  note: string
  reason: string
}

/** What the form asks for, or the fault of its amount. */
const readCorrection = (entry: Entry, typed: Typed): { body: Correction } | { fault: string } => {
  const { currency } = entry.amount
  const parsed = parseAmount(typed.amount, currency)
  if ('fault' in parsed) return { fault: sayAmountFault(parsed.fault, currency) }
  const note = typed.note.trim()
  const isSame =
    parsed.money.minor === entry.amount.minor &&
    typed.occurredOn === entry.occurredOn &&
    (note === '' || note === entry.note)
  if (isSame) return { fault: t.correct.same }
  return {
    body: {
      amount: parsed.money,
      ...(typed.occurredOn === entry.occurredOn ? {} : { occurredOn: typed.occurredOn }),
      ...(note === '' || note === entry.note ? {} : { note }),
    },
  }
}

/** The entry as it should have been. */
const Right = ({
  entry,
  typed,
  fault,
  set,
}: {
  entry: Entry
  typed: Typed
  fault: string | undefined
  set: (change: Partial<Typed>) => void
}) => (
  <>
    <AmountField
      label={`${t.correct.amount} (${entry.amount.currency})`}
      fault={fault}
      value={typed.amount}
      onChange={(event) => set({ amount: event.target.value })}
    />
    <DayField
      label={t.correct.when}
      fault={typed.occurredOn === '' ? t.required : undefined}
      value={typed.occurredOn}
      latest={civilDate(new Date())}
      onChange={(event) => set({ occurredOn: event.target.value })}
    />
    <WordsField
      label={t.correct.note}
      value={typed.note}
      lengthMax={limits.noteLengthMax}
      onChange={(event) => set({ note: event.target.value })}
    />
  </>
)

const Form = ({ debt, entry, onClose }: { debt: Debt; entry: Entry; onClose: () => void }) => {
  const [way, setWay] = useState<'amount' | 'undo'>('amount')
  const [typed, setTyped] = useState<Typed>(() => ({
    amount: toTyped(entry.amount),
    occurredOn: entry.occurredOn,
    note: entry.note ?? '',
    reason: '',
  }))
  const [fault, setFault] = useState<string>()
  const correct = useCorrect(debt, entry, onClose)
  const set = (change: Partial<Typed>) => {
    setTyped({ ...typed, ...change })
    setFault(undefined)
  }
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (correct.isPending || stopAtFault(event.currentTarget)) return
    const reason = typed.reason.trim()
    const why = reason === '' ? {} : { reason }
    if (way === 'undo') return correct.mutate(why)
    const read = readCorrection(entry, typed)
    if ('fault' in read) return setFault(read.fault)
    correct.mutate({ ...read.body, ...why })
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5">
      <Choices
        stacked
        quiet
        label={t.correct.title}
        name="way"
        value={way}
        options={ways}
        onChange={setWay}
      />
      {way === 'amount' && <Right entry={entry} typed={typed} fault={fault} set={set} />}
      <WordsField
        label={t.correct.reason}
        hint={
          debt.oneSided ? undefined : fill(t.correct.reasonHint, { name: debt.counterparty.name })
        }
        value={typed.reason}
        lengthMax={limits.noteLengthMax}
        onChange={(event) => set({ reason: event.target.value })}
      />
      <p className="text-small text-ink-2">{t.correct.stays}</p>
      <Outcome error={correct.error} />
      <div className="flex flex-wrap gap-3">
        <Button type="submit" busy={correct.isPending}>
          {way === 'undo' ? t.correct.undoSubmit : t.correct.submit}
        </Button>
        <Button look="plain" onClick={onClose}>
          {t.notQuite.cancel}
        </Button>
      </div>
    </form>
  )
}

export const CorrectEntry = ({ debt, entry, what }: { debt: Debt; entry: Entry; what: string }) => {
  const [isOpen, setOpen] = useState(false)
  const amount = formatMoney(entry.amount)
  return (
    <>
      <Button
        look="bare"
        aria-haspopup="dialog"
        aria-label={fill(t.correct.openFor, { what, amount })}
        onClick={() => setOpen(true)}
      >
        {t.correct.open}
      </Button>
      {isOpen && (
        <Dialog title={t.correct.title} onClose={() => setOpen(false)}>
          <p className="money text-lead">{`${what}, ${amount}`}</p>
          <Form debt={debt} entry={entry} onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  )
}

/** Corrects an entry that counts, or undoes it; what was written stays in the history. */
import { useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { sayAmountFault } from '../amount-fault.ts'
import type { Correction, Debt, Entry } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { touchDebt } from '../live.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, parseAmount, toTyped } from '../money.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { AmountField, Choices, Field } from './field.tsx'
import { Outcome } from './states.tsx'
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

const Form = ({ debt, entry, onClose }: { debt: Debt; entry: Entry; onClose: () => void }) => {
  const { currency } = entry.amount
  const [way, setWay] = useState<'amount' | 'undo'>('amount')
  const [typed, setTyped] = useState(() => toTyped(entry.amount))
  const [fault, setFault] = useState<string>()
  const [reason, setReason] = useState('')
  const correct = useCorrect(debt, entry, onClose)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (correct.isPending) return
    const why = reason.trim() === '' ? {} : { reason: reason.trim() }
    if (way === 'undo') return correct.mutate(why)
    const parsed = parseAmount(typed, currency)
    if ('fault' in parsed) return setFault(sayAmountFault(parsed.fault, currency))
    if (parsed.money.minor === entry.amount.minor) return setFault(t.correct.same)
    correct.mutate({ ...why, amount: parsed.money })
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
      {way === 'amount' && (
        <AmountField
          label={`${t.correct.amount} (${currency})`}
          fault={fault}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setFault(undefined)
          }}
        />
      )}
      <Field
        label={t.correct.reason}
        hint={
          debt.oneSided ? undefined : fill(t.correct.reasonHint, { name: debt.counterparty.name })
        }
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        autoComplete="off"
        maxLength={500}
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

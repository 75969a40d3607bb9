/** One payment over everything between two people in a currency. */
import { useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { sayAmountFault } from '../amount-fault.ts'
import type { NewPayment, Payment, Person } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate } from '../dates.ts'
import { limits } from '../limits.ts'
import type { Standing } from '../messages/between.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, parseAmount, toTyped } from '../money.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { AmountField, DayField, WordsField } from './field.tsx'
import { Outcome } from './states.tsx'
import { stopAtFault } from './stop-at-fault.ts'
import { remainingOf } from './too-much.tsx'
import { useAct } from './use-act.ts'

/** Why a payment was refused; when it was too much, with the amount that would do. */
const TooMuchPaid = ({
  person,
  from,
  tried,
  error,
  onRecord,
}: {
  person: Person
  from: 'me' | 'them'
  tried: NewPayment | undefined
  error: unknown
  onRecord: (typed: string) => void
}) => {
  const remaining = tried === undefined ? undefined : remainingOf(error, tried.amount.currency)
  if (remaining === undefined || tried === undefined) return <Outcome error={error} />
  const values = {
    name: person.name,
    remaining: formatMoney(remaining),
    amount: formatMoney(tried.amount),
  }
  return (
    <Outcome>
      <div className="flex flex-col items-start gap-3 rounded-ledger bg-owe-tint px-4 py-3">
        <p>{fill(from === 'me' ? t.pay.tooMuchMe : t.pay.tooMuchThem, values)}</p>
        <Button look="plain" onClick={() => onRecord(toTyped(remaining))}>
          {fill(t.add.recordRest, values)}
        </Button>
      </div>
    </Outcome>
  )
}

export const PayPerson = ({
  person,
  standing,
  onPaid,
  onClose,
}: {
  person: Person
  standing: Standing
  onPaid: (payment: Payment) => void
  onClose: () => void
}) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const { currency } = standing
  const from = standing.who === 'me' ? 'me' : 'them'
  const { name } = person
  const today = civilDate(new Date())
  const [typed, setTyped] = useState(() => toTyped(standing.net))
  const [fault, setFault] = useState<string>()
  const [occurredOn, setOccurredOn] = useState(today)
  const [note, setNote] = useState('')
  const pay = useAct<NewPayment, Payment>(
    (body, key) => quits.pay(person.id, body, key),
    async (payment) => {
      onPaid(payment)
      // It may touch every debt between the two.
      await queries.invalidateQueries()
    },
  )
  const send = (amountTyped: string) => {
    const parsed = parseAmount(amountTyped, currency)
    if ('fault' in parsed) return setFault(sayAmountFault(parsed.fault, currency))
    const said = note.trim() === '' ? {} : { note: note.trim() }
    pay.mutate({ from, amount: parsed.money, occurredOn, ...said })
  }
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!pay.isPending && !stopAtFault(event.currentTarget)) send(typed)
  }
  return (
    <Dialog title={fill(from === 'me' ? t.pay.title : t.pay.titleThey, { name })} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        <p className="text-ink-2">{t.pay.how}</p>
        <AmountField
          label={`${t.pay.amount} (${currency})`}
          fault={fault}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setFault(undefined)
            pay.reset()
          }}
        />
        <DayField
          label={t.pay.when}
          fault={occurredOn === '' ? t.required : undefined}
          value={occurredOn}
          latest={today}
          onChange={(event) => setOccurredOn(event.target.value)}
        />
        <WordsField
          label={t.pay.note}
          value={note}
          lengthMax={limits.noteLengthMax}
          onChange={(event) => setNote(event.target.value)}
        />
        <TooMuchPaid
          person={person}
          from={from}
          tried={pay.variables}
          error={pay.error}
          onRecord={(rest) => {
            setTyped(rest)
            send(rest)
          }}
        />
        <div className="flex flex-wrap gap-3">
          <Button type="submit" busy={pay.isPending}>
            {t.pay.submit}
          </Button>
          <Button look="plain" onClick={onClose}>
            {t.notQuite.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

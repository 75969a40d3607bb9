/** What is not right about an entry: the reason goes to the other person in these words. */
import { type SubmitEvent, useState } from 'react'
import type { Refusal } from '../api/shapes.ts'
import { sayAmountFault } from '../amount-fault.ts'
import { fill, t } from '../messages/say.ts'
import { parseAmount } from '../money.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { AmountField, Choices } from './field.tsx'
import { Outcome } from './states.tsx'

type Reason = 'amount' | 'paid' | 'never' | 'notMe' | 'unknown'

const reasonsOf = (name: string, isDebt: boolean): { value: Reason; label: string }[] => [
  { value: 'amount', label: t.notQuite.wrongAmount },
  isDebt
    ? { value: 'paid', label: t.notQuite.alreadyPaid }
    : { value: 'never', label: t.notQuite.theyNeverPaid },
  { value: 'notMe', label: t.notQuite.notMe },
  ...(isDebt ? [{ value: 'unknown' as const, label: fill(t.notQuite.unknown, { name }) }] : []),
]

export const NotQuite = ({
  name,
  currency,
  isDebt,
  busy,
  error,
  onAnswer,
  onClose,
}: {
  name: string
  currency: string
  isDebt: boolean
  busy: boolean
  error: unknown
  onAnswer: (refusal: Refusal) => void
  onClose: () => void
}) => {
  const [reason, setReason] = useState<Reason>('amount')
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const reasons = reasonsOf(name, isDebt)

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (busy) return
    const label = reasons.find(({ value }) => value === reason)?.label ?? ''
    if (reason !== 'amount' || typed.trim() === '') return onAnswer({ reason: label })
    const parsed = parseAmount(typed, currency)
    if ('fault' in parsed) return setFault(sayAmountFault(parsed.fault, currency))
    onAnswer({ reason: label, amount: parsed.money })
  }

  return (
    <Dialog title={t.notQuite.title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        <Choices
          stacked
          quiet
          label={t.notQuite.title}
          name="reason"
          value={reason}
          options={reasons}
          onChange={setReason}
        />
        {reason === 'amount' && (
          <AmountField
            label={`${t.notQuite.rightAmount} (${currency})`}
            fault={fault}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setFault(undefined)
            }}
          />
        )}
        <Outcome error={error} />
        <div className="flex flex-wrap gap-3">
          <Button type="submit" busy={busy}>
            {fill(t.notQuite.submit, { name })}
          </Button>
          <Button look="plain" onClick={onClose}>
            {t.notQuite.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What is not right about an entry: the reason goes to the other person in these words. */
import type { Money } from '@quits/proto/money'
import { type SubmitEvent, useState } from 'react'
import type { Refusal } from '../api/shapes.ts'
import { sayAmountFault } from '../amount-fault.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney, parseAmount } from '../money.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { AmountField, CheckField, Choices } from './field.tsx'
import { Outcome } from './states.tsx'

type Reason = 'amount' | 'paid' | 'never' | 'notMe' | 'unknown'

/** What is asked: a debt, more of one, or that something was paid or undone. */
export type Asks = 'debt' | 'advance' | 'other'

const reasonsOf = (name: string, asks: Asks): { value: Reason; label: string }[] => [
  { value: 'amount', label: t.notQuite.wrongAmount },
  asks === 'other'
    ? { value: 'never', label: t.notQuite.theyNeverPaid }
    : { value: 'paid', label: t.notQuite.alreadyPaid },
  { value: 'notMe', label: t.notQuite.notMe },
  ...(asks === 'debt'
    ? [{ value: 'unknown' as const, label: fill(t.notQuite.unknown, { name }) }]
    : []),
]

/** The right amount of a payment over several debts belongs to none of them: it is told in words. */
const refusalWith = (label: string, amount: Money, isPayment: boolean): Refusal =>
  isPayment
    ? { reason: fill(t.notQuite.wrongAmountOfAll, { reason: label, amount: formatMoney(amount) }) }
    : { reason: label, amount }

export const NotQuite = ({
  name,
  currency,
  asks,
  isPayment = false,
  canBlock,
  busy,
  error,
  onAnswer,
  onClose,
}: {
  name: string
  currency: string
  asks: Asks
  isPayment?: boolean
  /** The other one has an account, so that they can be kept away. */
  canBlock: boolean
  busy: boolean
  error: unknown
  onAnswer: (refusal: Refusal, block: boolean) => void
  onClose: () => void
}) => {
  const [reason, setReason] = useState<Reason>('amount')
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string>()
  const [block, setBlock] = useState(false)
  const reasons = reasonsOf(name, asks)

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (busy) return
    const label = reasons.find(({ value }) => value === reason)?.label ?? ''
    if (reason !== 'amount' || typed.trim() === '') {
      return onAnswer({ reason: label }, block && reason === 'unknown')
    }
    const parsed = parseAmount(typed, currency)
    if ('fault' in parsed) return setFault(sayAmountFault(parsed.fault, currency))
    onAnswer(refusalWith(label, parsed.money, isPayment), false)
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
        {reason === 'unknown' && canBlock && (
          <CheckField
            label={fill(t.notQuite.blockToo, { name })}
            checked={block}
            onChange={(event) => setBlock(event.target.checked)}
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

/** What its reader agrees to beforehand when this person writes something down. */
import { currencies } from '@quits/proto/currencies'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { sayAmountFault } from '../amount-fault.ts'
import { keys } from '../api/keys.ts'
import type { Consent, Person } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { fill, t } from '../messages/say.ts'
import { parseAmount, toTyped } from '../money.ts'
import { Button } from './button.tsx'
import { AmountField, Choices, SelectField } from './field.tsx'
import { Outcome } from './states.tsx'

type Mode = Consent['mode']

const modes: { value: Mode; label: string }[] = [
  { value: 'ask', label: t.consent.ask },
  { value: 'upTo', label: t.consent.upTo },
  { value: 'always', label: t.consent.always },
]

export const StandingConsent = ({ person }: { person: Person }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const { consent, name } = person
  const limit = consent.mode === 'upTo' ? consent.amount : undefined
  const [mode, setMode] = useState<Mode>(consent.mode)
  const [typed, setTyped] = useState(limit === undefined ? '' : toTyped(limit))
  const [currency, setCurrency] = useState(limit?.currency ?? person.balances[0]?.currency ?? 'EUR')
  const [fault, setFault] = useState<string>()
  const save = useMutation({
    mutationFn: (body: Consent) => quits.consent(person.id, body),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.people }),
  })
  const change = (run: () => void) => {
    run()
    setFault(undefined)
    save.reset()
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (save.isPending) return
    if (mode !== 'upTo') return save.mutate({ mode })
    const parsed = parseAmount(typed, currency)
    if ('fault' in parsed) return setFault(sayAmountFault(parsed.fault, currency))
    save.mutate({ mode, amount: parsed.money })
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <h2 className="text-lead">{fill(t.consent.title, { name })}</h2>
      <Choices
        stacked
        quiet
        label={fill(t.consent.title, { name })}
        name="consent"
        value={mode}
        options={modes}
        onChange={(next) => change(() => setMode(next))}
      />
      {mode === 'upTo' && (
        <div className="grid grid-cols-[1fr_7rem] gap-3">
          <AmountField
            label={t.consent.amount}
            fault={fault}
            value={typed}
            onChange={(event) => change(() => setTyped(event.target.value))}
          />
          <SelectField
            label={t.consent.currency}
            value={currency}
            onChange={(event) => change(() => setCurrency(event.target.value))}
          >
            {currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
        </div>
      )}
      <Outcome error={save.error} />
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" look="plain" busy={save.isPending}>
          {t.consent.submit}
        </Button>
        <p role="status" className="text-small text-ink-2">
          {save.isSuccess && t.consent.saved}
        </p>
      </div>
    </form>
  )
}

import { currencies } from '@quits/proto/currencies'
import { useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { Debt, NewDebt } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { recall, remember } from '../browser.ts'
import { civilDate } from '../dates.ts'
import { touchDebt } from '../live.ts'
import { t } from '../messages/say.ts'
import { Button } from '../parts/button.tsx'
import { AmountField, Choices, Field, SelectField } from '../parts/field.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Outcome } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import {
  type Draft,
  type DraftFaults,
  isEmail,
  readDraft,
  sayConsequence,
  sayDraft,
} from './new-debt.ts'

const directions = [
  { value: 'lent', label: t.write.lent },
  { value: 'borrowed', label: t.write.borrowed },
] as const

const emptyDraft = (): Draft => {
  const last = recall('currency')
  return {
    direction: 'lent',
    who: '',
    nickname: '',
    amount: '',
    currency: last !== undefined && currencies.includes(last) ? last : 'EUR',
    what: '',
    occurredOn: civilDate(new Date()),
    due: '',
    category: '',
  }
}

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

export const WriteDown = () => {
  const [draft, setDraft] = useState(emptyDraft)
  const [faults, setFaults] = useState<DraftFaults>({})
  const form = useRef<HTMLFormElement>(null)
  const open = useOpenDebt()
  const today = civilDate(new Date())
  const set = (change: Partial<Draft>) => {
    setDraft({ ...draft, ...change })
    const left = Object.entries(faults).filter(([name]) => !(name in change))
    setFaults(Object.fromEntries(left))
    open.reset()
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (open.isPending) return
    const read = readDraft(draft, today)
    if ('debt' in read) return open.mutate(read.debt)
    setFaults(read.faults)
    // The faults are on the screen after this turn; the first one gets the focus.
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus(),
    )
  }
  const sentence = sayDraft(draft)

  return (
    <Page title={t.write.title} narrow>
      <Card>
        <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
          <Choices
            label={t.write.direction}
            name="direction"
            value={draft.direction}
            options={directions}
            onChange={(direction) => set({ direction })}
          />
          <Field
            label={t.write.who}
            hint={t.write.whoHint}
            fault={faults.who}
            value={draft.who}
            onChange={(event) => set({ who: event.target.value })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={254}
            required
          />
          {isEmail(draft.who) && (
            <Field
              label={t.write.nickname}
              value={draft.nickname}
              onChange={(event) => set({ nickname: event.target.value })}
              autoComplete="off"
              maxLength={80}
            />
          )}
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
          <Field
            label={t.write.what}
            fault={faults.what}
            value={draft.what}
            onChange={(event) => set({ what: event.target.value })}
            autoComplete="off"
            maxLength={200}
            required
          />
          <Field
            label={t.write.when}
            fault={faults.occurredOn}
            type="date"
            value={draft.occurredOn}
            max={today}
            onChange={(event) => set({ occurredOn: event.target.value })}
            required
          />
          <details className="group flex flex-col">
            <summary className="flex min-h-11 items-center text-brand underline decoration-1 underline-offset-4">
              {t.write.details}
            </summary>
            <div className="grid grid-cols-1 gap-5 pt-2 wide:grid-cols-2">
              <Field
                label={t.write.due}
                type="date"
                value={draft.due}
                onChange={(event) => set({ due: event.target.value })}
              />
              <Field
                label={t.write.category}
                hint={t.write.categoryHint}
                value={draft.category}
                onChange={(event) => set({ category: event.target.value })}
                autoComplete="off"
                maxLength={40}
              />
            </div>
          </details>
          {sentence !== undefined && (
            <div className="arrives rounded-ledger bg-paper p-4">
              <p className="font-figure text-lead">{sentence}</p>
              <p className="text-small text-ink-2">{sayConsequence(draft)}</p>
            </div>
          )}
          <Outcome error={open.error} />
          <Button type="submit" busy={open.isPending}>
            {t.write.submit}
          </Button>
        </form>
      </Card>
    </Page>
  )
}

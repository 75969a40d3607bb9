/** Changes what a debt is for, when it is due and how its reader files it. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { codeOf } from '../api/problem.ts'
import type { Debt, DebtChange } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { limits } from '../limits.ts'
import { touchDebt } from '../live.ts'
import { type Words, changeOf, sayMeanwhile, wordsOf } from '../messages/words.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { DayField, WordsField } from './field.tsx'
import { Outcome } from './states.tsx'
import { stopAtFault } from './stop-at-fault.ts'

/** Saves; when somebody else was quicker, reads the debt again and says what they changed. */
const useChange = (debt: Debt, onSaved: () => void) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const [read, setRead] = useState(debt)
  const [meanwhile, setMeanwhile] = useState<string[]>([])
  const change = useMutation({
    mutationFn: (body: DebtChange) => quits.changeDebt(debt.id, body, read.version),
    onSuccess: async () => {
      onSaved()
      await touchDebt(queries, debt.id)
    },
    onError: async (error) => {
      if (codeOf(error) !== 'version_conflict') return
      const now = await quits.debt(debt.id, new AbortController().signal)
      setMeanwhile(sayMeanwhile(read, now))
      setRead(now)
    },
  })
  return { change, read, meanwhile }
}

export const ChangeWords = ({ debt, onClose }: { debt: Debt; onClose: () => void }) => {
  const [words, setWords] = useState<Words>(() => wordsOf(debt))
  const [fault, setFault] = useState<string>()
  const [start] = useState(debt)
  const { change, meanwhile } = useChange(debt, onClose)
  const set = (next: Partial<Words>) => {
    setWords({ ...words, ...next })
    setFault(undefined)
  }
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (change.isPending || stopAtFault(event.currentTarget)) return
    if (words.what.trim() === '') return setFault(t.required)
    const body = changeOf(start, words)
    if (body === undefined) return onClose()
    change.mutate(body)
  }
  const isConflict = meanwhile.length > 0
  return (
    <Dialog title={t.words.title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        <WordsField
          label={t.words.what}
          hint={
            debt.oneSided ? undefined : fill(t.words.whatHint, { name: debt.counterparty.name })
          }
          fault={fault}
          value={words.what}
          lengthMax={limits.descriptionLengthMax}
          onChange={(event) => set({ what: event.target.value })}
        />
        <DayField
          label={t.words.due}
          value={words.due}
          onChange={(event) => set({ due: event.target.value })}
        />
        <WordsField
          label={t.words.category}
          hint={t.words.categoryHint}
          value={words.category}
          lengthMax={limits.categoryLengthMax}
          onChange={(event) => set({ category: event.target.value })}
        />
        {isConflict ? (
          <Outcome>
            <div className="rounded-ledger bg-owe-tint px-4 py-3">
              <p>{t.words.conflict}</p>
              <ul>
                {meanwhile.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </div>
          </Outcome>
        ) : (
          <Outcome error={change.error} />
        )}
        <div className="flex flex-wrap gap-3">
          <Button type="submit" busy={change.isPending}>
            {isConflict ? t.words.again : t.words.submit}
          </Button>
          <Button look="plain" onClick={onClose}>
            {t.notQuite.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

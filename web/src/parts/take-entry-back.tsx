/** The way back from an entry that its writer's other one has not answered yet. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Debt, Entry } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { touchDebt } from '../live.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import { Button } from './button.tsx'
import { TakeBack } from './take-back.tsx'
import { useAct } from './use-act.ts'

export const TakeEntryBack = ({
  debt,
  entry,
  what,
}: {
  debt: Debt
  entry: Entry
  what: string
}) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const takeBack = useAct<object, Entry>(
    (_, key) => quits.withdrawEntry(debt.id, entry.seq, key),
    async () => {
      setAsking(false)
      await touchDebt(queries, debt.id)
    },
  )
  const amount = formatMoney(entry.amount)
  return (
    <>
      <Button
        look="bare"
        aria-haspopup="dialog"
        aria-label={fill(t.correct.takeBackFor, { what, amount })}
        onClick={() => setAsking(true)}
      >
        {t.life.takeBack}
      </Button>
      {isAsking && (
        <TakeBack
          name={debt.counterparty.name}
          what={`${what}, ${amount}`}
          busy={takeBack.isPending}
          error={takeBack.error}
          onTake={() => takeBack.mutate({})}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

/** What can be done with a debt as a whole: its words, putting it away, its file, its check. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Debt } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { touchDebt } from '../live.ts'
import { fill, t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import { newsHref } from '../pages/news-filter.ts'
import { canInvite, isMineToTakeBack, shownAmount } from '../standing.ts'
import { Button, buttonClass } from './button.tsx'
import { ChangeWords } from './change-words.tsx'
import { CheckHistory } from './check-history.tsx'
import { DownloadHistory } from './download-history.tsx'
import { Invite } from './invite.tsx'
import { MuteButton } from './mute.tsx'
import { Outcome } from './states.tsx'
import { TakeBack } from './take-back.tsx'
import { useAct } from './use-act.ts'

type Open = 'invite' | 'words' | 'download' | 'check' | 'takeBack' | undefined

const useLife = (debt: Debt, close: () => void) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const refresh = async () => {
    close()
    await touchDebt(queries, debt.id)
  }
  return {
    takeBack: useAct<object, Debt>((_, key) => quits.withdrawDebt(debt.id, key), refresh),
    putAway: useMutation({
      mutationFn: (isAway: boolean) => quits.putAway(debt.id, isAway),
      onSuccess: refresh,
    }),
  }
}

export const DebtLife = ({ debt }: { debt: Debt }) => {
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const { takeBack, putAway } = useLife(debt, close)
  const { userId, name } = debt.counterparty
  const isOver = debt.status === 'declined' || debt.status === 'withdrawn'
  const asks = (what: Exclude<Open, undefined>, label: string) => (
    <Button look="bare" aria-haspopup="dialog" onClick={() => setOpen(what)}>
      {label}
    </Button>
  )
  return (
    <section aria-labelledby="life" className="flex flex-col items-start gap-1">
      <h2 id="life" className="text-lead">
        {t.life.title}
      </h2>
      {debt.archived && <p className="text-small text-ink-2">{t.life.isAway}</p>}
      {userId !== undefined && (
        <Link href={`/people/${userId}`} className={buttonClass('bare')}>
          {fill(t.life.person, { name })}
        </Link>
      )}
      {canInvite(debt) &&
        debt.status !== 'proposed' &&
        asks('invite', fill(t.invite.open, { name }))}
      {isMineToTakeBack(debt) && asks('takeBack', t.life.takeBack)}
      {!isOver && asks('words', t.life.change)}
      <Button look="bare" busy={putAway.isPending} onClick={() => putAway.mutate(!debt.archived)}>
        {debt.archived ? t.life.bringBack : t.life.putAway}
      </Button>
      {asks('download', t.life.download)}
      {asks('check', t.check.open)}
      <Link href={newsHref({ debt: debt.id })} className={buttonClass('bare')}>
        {t.whatsNew.ofDebt}
      </Link>
      {userId !== undefined && <MuteButton type="debt" id={debt.id} name={name} />}
      <Outcome error={putAway.error} />
      {open === 'invite' && <Invite debt={debt} onClose={close} />}
      {open === 'words' && <ChangeWords debt={debt} onClose={close} />}
      {open === 'download' && <DownloadHistory debt={debt} onClose={close} />}
      {open === 'check' && <CheckHistory debt={debt} onClose={close} />}
      {open === 'takeBack' && (
        <TakeBack
          name={name}
          what={`${formatMoney(shownAmount(debt))} · ${debt.description}`}
          busy={takeBack.isPending}
          error={takeBack.error}
          onTake={() => takeBack.mutate({})}
          onClose={close}
        />
      )}
    </section>
  )
}

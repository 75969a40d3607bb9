/** Makes a link that shows one debt to somebody, and takes such links back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { keys } from '../api/keys.ts'
import type { Debt, MadeInvitation } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate, formatDay } from '../dates.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { Failed, Outcome } from './states.tsx'
import { useAct } from './use-act.ts'

const Made = ({ link, name }: { link: string; name: string }) => {
  const [isCopied, setCopied] = useState(false)
  // Where the clipboard is closed to pages, the field can still be copied by hand.
  const copy = () =>
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => undefined,
    )
  return (
    <div className="flex flex-col gap-3">
      <Field
        label={t.invite.link}
        hint={fill(t.invite.hidden, { name })}
        value={link}
        readOnly
        onFocus={(event) => event.target.select()}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Button onClick={() => void copy()}>{t.invite.copy}</Button>
        <p role="status" className="text-small text-ink-2">
          {isCopied && t.invite.copied}
        </p>
      </div>
    </div>
  )
}

/** Links of this debt that still work; what they were is not told again. */
const OpenLinks = ({ debt }: { debt: Debt }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const links = useQuery({
    queryKey: keys.invitations(debt.id),
    queryFn: ({ signal }) => quits.invitations(debt.id, signal),
  })
  const revoke = useMutation({
    mutationFn: (id: string) => quits.revokeInvitation(debt.id, id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.invitations(debt.id) }),
  })
  if (links.isError) return <Failed error={links.error} retry={() => void links.refetch()} />
  const open = links.data?.items.filter(({ state }) => state === 'open') ?? []
  if (open.length === 0) return null
  const today = civilDate(new Date())
  const dayOf = (instant: string) => formatDay(civilDate(new Date(instant)), today)
  return (
    <section aria-labelledby="links" className="flex flex-col gap-1">
      <h3 id="links" className="text-base">
        {t.invite.others}
      </h3>
      <ul>
        {open.map(({ id, createdAt, expiresAt }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-x-4">
            <span className="text-small text-ink-2">
              {fill(t.invite.made, { date: dayOf(createdAt), until: dayOf(expiresAt) })}
            </span>
            <Button look="bare" busy={revoke.isPending} onClick={() => revoke.mutate(id)}>
              {t.invite.revoke}
            </Button>
          </li>
        ))}
      </ul>
      <Outcome error={revoke.error} />
    </section>
  )
}

export const Invite = ({ debt, onClose }: { debt: Debt; onClose: () => void }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const { name } = debt.counterparty
  const make = useAct<object, MadeInvitation>(
    (_, key) => quits.invite(debt.id, key),
    () => queries.invalidateQueries({ queryKey: keys.invitations(debt.id) }),
  )
  return (
    <Dialog title={fill(t.invite.title, { name })} onClose={onClose}>
      <p className="text-ink-2">{t.invite.text}</p>
      {make.data === undefined ? (
        <>
          <Outcome error={make.error} />
          <Button className="self-start" busy={make.isPending} onClick={() => make.mutate({})}>
            {t.invite.make}
          </Button>
        </>
      ) : (
        <Made link={make.data.link} name={name} />
      )}
      <OpenLinks debt={debt} />
    </Dialog>
  )
}

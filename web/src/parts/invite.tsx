/** Shows one debt to somebody, by mail or by a link to hand over. */
import { type UseMutationResult, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { keys } from '../api/keys.ts'
import { codeOf } from '../api/problem.ts'
import type { Debt, MadeInvitation } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { limits } from '../limits.ts'
import { fill, sayError, t } from '../messages/say.ts'
import { emailFault, isEmail } from '../pages/new-debt.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Field, WordsField } from './field.tsx'
import { Links, useLinks } from './invite-links.tsx'
import { Outcome } from './states.tsx'
import { useAct } from './use-act.ts'

const Made = ({ made, name }: { made: MadeInvitation; name: string }) => {
  const [isCopied, setCopied] = useState(false)
  const { link, mailedTo } = made
  // Where the clipboard is closed to pages, the field can still be copied by hand.
  const copy = () =>
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => undefined,
    )
  return (
    <div className="flex flex-col gap-3">
      {mailedTo !== null && <p role="status">{fill(t.invite.sent, { email: mailedTo })}</p>}
      <Field
        label={t.invite.link}
        hint={mailedTo === null ? fill(t.invite.hidden, { name }) : t.invite.hiddenMailed}
        value={link}
        readOnly
        onFocus={(event) => event.target.select()}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Button look={mailedTo === null ? 'main' : 'plain'} onClick={() => void copy()}>
          {t.invite.copy}
        </Button>
        <p role="status" className="text-small text-ink-2">
          {isCopied && t.invite.copied}
        </p>
      </div>
    </div>
  )
}

const told: ReadonlySet<string> = new Set(['too_many_first_contacts', 'too_many_mails'])

/** Refusals that are about the address, and so are told at its field. */
const faultOf = (error: unknown, name: string): string | undefined => {
  const code = codeOf(error)
  if (code === 'debt_with_yourself') return fill(t.invite.yourself, { name })
  return told.has(code) ? sayError(error) : undefined
}

/** By mail, or as a link to hand over; both are made by one act. */
const Ask = ({
  name,
  make,
}: {
  name: string
  make: UseMutationResult<MadeInvitation, Error, { email?: string }>
}) => {
  // Until they have an account they may be called by the address that was typed for them.
  const [email, setEmail] = useState(isEmail(name) ? name : '')
  const [fault, setFault] = useState<string>()
  const told = make.error === null ? undefined : faultOf(make.error, name)
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    if (make.isPending) return
    if (email.trim() === '') return setFault(t.required)
    const wrong = emailFault(email)
    if (wrong !== undefined) return setFault(wrong)
    make.mutate({ email: email.trim() })
  }
  return (
    <>
      <form onSubmit={send} noValidate className="flex flex-col gap-3">
        <WordsField
          type="email"
          label={t.invite.email}
          hint={t.invite.emailHint}
          fault={fault ?? told}
          value={email}
          lengthMax={limits.emailLengthMax}
          onChange={(event) => {
            setEmail(event.target.value)
            setFault(undefined)
            make.reset()
          }}
        />
        <Outcome error={told === undefined ? make.error : undefined} />
        <Button type="submit" className="self-start" busy={make.isPending}>
          {t.invite.send}
        </Button>
      </form>
      <p className="text-ink-2">{t.invite.or}</p>
      <Button
        look="plain"
        className="self-start"
        busy={make.isPending}
        onClick={() => make.mutate({})}
      >
        {t.invite.make}
      </Button>
    </>
  )
}

export const Invite = ({ debt, onClose }: { debt: Debt; onClose: () => void }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const { name } = debt.counterparty
  const { open } = useLinks(debt)
  const make = useAct<{ email?: string }, MadeInvitation>(
    (body, key) => quits.invite(debt.id, body, key),
    () => queries.invalidateQueries({ queryKey: keys.invitations(debt.id) }),
  )
  return (
    <Dialog title={fill(t.invite.title, { name })} onClose={onClose}>
      <p className="text-ink-2">{fill(t.invite.text, { days: String(limits.linkDays) })}</p>
      {make.data !== undefined && <Made made={make.data} name={name} />}
      {make.data === undefined &&
        (open.length < limits.openLinksMax ? (
          <Ask name={name} make={make} />
        ) : (
          <p>{t.invite.full}</p>
        ))}
      <Links debt={debt} />
    </Dialog>
  )
}

/** Beside a debt that waits for its other one: they may not know of it yet. */
export const InviteCall = ({ debt }: { debt: Debt }) => {
  const [isOpen, setOpen] = useState(false)
  const values = { name: debt.counterparty.name }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p>{fill(t.invite.call, values)}</p>
      <Button look="plain" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {fill(t.invite.open, values)}
      </Button>
      {isOpen && <Invite debt={debt} onClose={() => setOpen(false)} />}
    </div>
  )
}

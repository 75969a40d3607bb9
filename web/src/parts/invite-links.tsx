/** The links to a debt that still work, with the way to take them back, and those answered with a no. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '../api/keys.ts'
import type { Debt, Invitation } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate, formatDay } from '../dates.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Failed, Outcome } from './states.tsx'

/** As their maker reads them; what the links were is not told again. */
export const useLinks = (debt: Debt) => {
  const { quits } = useApp()
  const links = useQuery({
    queryKey: keys.invitations(debt.id),
    queryFn: ({ signal }) => quits.invitations(debt.id, signal),
  })
  const all = links.data?.items ?? []
  const open = all.filter(({ state }) => state === 'open')
  const refused = all.filter(({ state }) => state === 'declined')
  return { links, open, refused }
}

const dayOf = (instant: string): string =>
  formatDay(civilDate(new Date(instant)), civilDate(new Date()))

const sayLink = ({ mailedTo, createdAt, expiresAt, state }: Invitation): string => {
  const { made, mailed, refused, refusedMailed } = t.invite
  const isMailed = mailedTo !== null
  const message = state === 'open' ? (isMailed ? mailed : made) : isMailed ? refusedMailed : refused
  const values = { email: mailedTo ?? '', date: dayOf(createdAt), until: dayOf(expiresAt) }
  return fill(message, values)
}

export const Links = ({ debt }: { debt: Debt }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const { links, open, refused } = useLinks(debt)
  const revoke = useMutation({
    mutationFn: (id: string) => quits.revokeInvitation(debt.id, id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.invitations(debt.id) }),
  })
  if (links.isError) return <Failed error={links.error} retry={() => void links.refetch()} />
  return (
    <>
      {open.length > 0 && (
        <section aria-labelledby="links" className="flex flex-col gap-1">
          <h3 id="links" className="text-base">
            {t.invite.others}
          </h3>
          <ul>
            {open.map((link) => (
              <li key={link.id} className="flex flex-wrap items-center justify-between gap-x-4">
                <span className="text-small text-ink-2">{sayLink(link)}</span>
                <Button look="bare" busy={revoke.isPending} onClick={() => revoke.mutate(link.id)}>
                  {t.invite.revoke}
                </Button>
              </li>
            ))}
          </ul>
          <Outcome error={revoke.error} />
        </section>
      )}
      {refused.map((link) => (
        <p key={link.id} className="text-small text-ink-2">
          {sayLink(link)}
        </p>
      ))}
    </>
  )
}

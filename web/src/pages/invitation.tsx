/** One debt, read-only, for whoever has its link; with an account it can be answered here. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import { keys } from '../api/keys.ts'
import { ApiProblem, codeOf } from '../api/problem.ts'
import type { Debt, ShownDebt, ShownItem } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { civilDate, formatDay } from '../dates.ts'
import { sayShown } from '../messages/invitation.ts'
import { fill, t } from '../messages/say.ts'
import { endings, isResolution, sayKind } from '../messages/entries.ts'
import { MovedAmount } from '../parts/amount.tsx'
import { Masthead } from '../parts/auth-card.tsx'
import { Button, buttonClass } from '../parts/button.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Chip, Failed, Loading, Outcome } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { forgetReturn, keepReturn } from './return-to.ts'

const Status = ({ item, name }: { item: ShownItem; name: string }) => {
  if (item.status === 'posted') return null
  if (item.status !== 'pending') return <Chip>{endings[item.status]}</Chip>
  return (
    <Chip waits>
      {item.by === 'inviter' ? t.entry.waitingForYou : fill(t.entry.waitingFor, { name })}
    </Chip>
  )
}

/** The history in the words of whom the seat is for. */
const Rows = ({ shown, items }: { shown: ShownDebt; items: readonly ShownItem[] }) => {
  const today = civilDate(new Date())
  const { name } = shown.inviter
  return (
    <section aria-label={t.invitation.history} className="flex flex-col">
      <h2 className="text-lead">{t.invitation.history}</h2>
      <ol className="flex flex-col">
        {items
          .filter((item) => !isResolution(item))
          .map((item) => (
            <li
              key={item.seq}
              className="flex items-baseline justify-between gap-4 border-t border-hairline py-3 first:border-0"
            >
              <span className="min-w-0">
                <span className="block font-medium">{sayKind(item, shown.seat.role, name)}</span>
                {item.note !== undefined && <span className="block">{item.note}</span>}
                <span className="block text-small text-ink-2">
                  {fill(item.by === 'inviter' ? t.invitation.theirs : t.invitation.other, {
                    name,
                    date: formatDay(item.occurredOn, today),
                  })}
                </span>
                <Status item={item} name={name} />
              </span>
              <span className="money font-semibold">
                <MovedAmount entry={item} />
              </span>
            </li>
          ))}
      </ol>
    </section>
  )
}

/** Yes or no, by somebody who is signed in. */
const Answer = ({ token, shown }: { token: string; shown: ShownDebt }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  useEffect(forgetReturn, [])
  const take = useAct<{ seq: number; hash: string }, Debt>(
    (body, key) => quits.takeSeat(token, body, key),
    async (debt) => {
      navigate(`/debts/${debt.id}`, { replace: true })
      await queries.invalidateQueries()
    },
  )
  const refuse = useAct<object, unknown>(
    (_, key) => quits.declineSeat(token, key),
    () => undefined,
  )
  const isStale = codeOf(take.error) === 'version_conflict'
  // The page says to look again: there must be something else to look at.
  useEffect(() => {
    if (isStale) void queries.invalidateQueries({ queryKey: keys.shown(token) })
  }, [isStale, queries, token])
  if (refuse.isSuccess) {
    return <p role="status">{fill(t.invitation.saidNo, { name: shown.inviter.name })}</p>
  }
  return (
    <div className="flex flex-col gap-3">
      <Outcome error={isStale ? undefined : (take.error ?? refuse.error)}>
        {isStale && <p>{t.invitation.changed}</p>}
      </Outcome>
      <div className="flex flex-wrap gap-3">
        <Button
          busy={take.isPending}
          onClick={() => take.mutate({ seq: shown.seq, hash: shown.hash })}
        >
          {t.invitation.yes}
        </Button>
        <Button look="plain" busy={refuse.isPending} onClick={() => refuse.mutate({})}>
          {t.invitation.no}
        </Button>
      </div>
    </div>
  )
}

const AskToSignIn = ({ token }: { token: string }) => {
  const keep = () => keepReturn(`/invitations/${token}`)
  return (
    <div className="flex flex-col gap-3">
      <p className="text-ink-2">{t.invitation.signIn}</p>
      <div className="flex flex-wrap gap-3">
        <Link href="/sign-up" onClick={keep} className={buttonClass('main')}>
          {t.invitation.start}
        </Link>
        <Link href="/sign-in" onClick={keep} className={buttonClass('plain')}>
          {t.invitation.have}
        </Link>
      </div>
    </div>
  )
}

export const InvitationPage = ({ token, isSignedIn }: { token: string; isSignedIn: boolean }) => {
  const { quits } = useApp()
  const found = useInfiniteQuery({
    queryKey: keys.shown(token),
    queryFn: ({ pageParam, signal }) => quits.shownDebt(token, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
  const frame = (title: string, children: ReactNode) =>
    isSignedIn ? (
      <Page title={title} narrow>
        {children}
      </Page>
    ) : (
      <main id="main" className="mx-auto flex w-full max-w-lg flex-col gap-8 px-5 py-10">
        <Masthead />
        <Page title={title} narrow>
          {children}
        </Page>
      </main>
    )
  if (found.error instanceof ApiProblem && found.error.status === 404) {
    return frame(t.invitation.spent, <p className="text-ink-2">{t.invitation.spentText}</p>)
  }
  const [shown] = found.data?.pages ?? []
  if (shown === undefined) {
    const failed = <Failed error={found.error} retry={() => void found.refetch()} />
    return frame(t.invitation.loading, found.isError ? failed : <Loading />)
  }
  return frame(
    sayShown(shown),
    <>
      <p className="text-ink-2">
        {fill(t.invitation.forWhat, { what: shown.description })}
        {shown.dueOn !== null &&
          ` · ${fill(t.debt.dueOn, { date: formatDay(shown.dueOn, civilDate(new Date())) })}`}
      </p>
      {isSignedIn ? <Answer token={token} shown={shown} /> : <AskToSignIn token={token} />}
      <Card>
        <Rows shown={shown} items={found.data?.pages.flatMap(({ items }) => items) ?? []} />
        {found.hasNextPage && (
          <Button
            look="plain"
            className="self-start"
            busy={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {t.debt.earlier}
          </Button>
        )}
      </Card>
    </>,
  )
}

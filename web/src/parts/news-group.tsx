/** One line of the news: a notification, or several of a kind that open when asked. */
import type { MarkStatus, NotificationGroup } from '@quits/proto/feed'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { keys } from '../api/keys.ts'
import { useApp, useSignedIn } from '../app-context.ts'
import { formatInstant } from '../dates.ts'
import { sayGroup } from '../messages/news.ts'
import { choose, fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { newsHref } from './named-entry.ts'
import { News } from './news.tsx'
import { useDebt } from './queries.ts'
import { Failed, Loading } from './states.tsx'

const Several = ({ group }: { group: NotificationGroup }) => {
  const { user } = useSignedIn()
  const debt = useDebt(group.newest.subject.id)
  if (debt.isPending) return t.loading
  return sayGroup(group, debt.data?.counterparty.name ?? t.somebody, user.id)
}

/** The single ones, each with the way to what it is about. */
const Each = ({ ids, onFollow }: { ids: readonly string[]; onFollow: (id: string) => void }) => {
  const { quits } = useApp()
  const named = useQuery({
    queryKey: [...keys.notifications, 'named', ids],
    queryFn: ({ signal }) => quits.notificationsNamed(ids, signal),
  })
  if (named.isPending) return <Loading />
  if (named.isError) return <Failed error={named.error} retry={() => void named.refetch()} />
  return (
    <ul className="flex flex-col gap-2 border-s border-hairline ps-4 pb-2">
      {named.data.items.map((item) => (
        <li key={item.id}>
          <Link
            href={newsHref(item)}
            onClick={() => onFollow(item.id)}
            className="money block hover:underline hover:underline-offset-4"
          >
            <News notification={item} />
          </Link>
          <time dateTime={item.at} className="block text-small text-ink-2">
            {formatInstant(item.at, new Date())}
          </time>
        </li>
      ))}
    </ul>
  )
}

export const NewsGroup = ({
  group,
  onMark,
}: {
  group: NotificationGroup
  onMark: (ids: readonly string[], status: MarkStatus) => void
}) => {
  const [isOpen, setOpen] = useState(false)
  const { newest, count, ids } = group
  const isUnread = group.status === 'unseen' || group.status === 'seen'
  const all = fill(choose(t.whatsNew.open, count), { count: String(count) })
  return (
    <li className="flex gap-3 border-t border-hairline py-3 first:border-0">
      <span aria-hidden="true" className="mt-2 size-2 shrink-0">
        {isUnread && <span className="block size-2 rounded-full bg-owe" />}
      </span>
      <div className="flex min-w-0 flex-1 flex-col items-start gap-1">
        <Link
          href={newsHref(newest)}
          onClick={() => onMark(ids, 'read')}
          className="block w-full hover:underline hover:underline-offset-4"
        >
          <span className={`money block ${isUnread ? 'font-semibold' : ''}`}>
            {isUnread && <span className="sr-only">{`${t.whatsNew.showUnread}: `}</span>}
            {count > 1 ? <Several group={group} /> : <News notification={newest} />}
          </span>
        </Link>
        <time dateTime={newest.at} className="text-small text-ink-2">
          {formatInstant(newest.at, new Date())}
        </time>
        <div className="flex flex-wrap gap-x-4">
          {count > 1 && (
            <Button
              look="bare"
              aria-expanded={isOpen}
              onClick={() => {
                // Marked when folded: a line that is read leaves the list of what is unread.
                if (isOpen && isUnread) onMark(ids, 'read')
                setOpen(!isOpen)
              }}
            >
              {isOpen ? t.whatsNew.fold : all}
            </Button>
          )}
          {group.status !== 'archived' && (
            <Button look="bare" onClick={() => onMark(ids, 'archived')}>
              {t.whatsNew.putAway}
            </Button>
          )}
        </div>
        {isOpen && <Each ids={ids} onFollow={(id) => onMark([id], 'read')} />}
      </div>
    </li>
  )
}

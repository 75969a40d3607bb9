/** The panel of the bell: newest first; opening it says that everything in it was seen. */
import type { StoredNotification } from '@quits/proto/feed'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { useApp, useSignedIn } from '../app-context.ts'
import { formatInstant } from '../dates.ts'
import { t } from '../messages/say.ts'
import { buttonClass } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { MayComeLate } from './may-come-late.tsx'
import { newsHref } from './named-entry.ts'
import { News } from './news.tsx'
import { useNotifications } from './queries.ts'
import { Failed, Loading } from './states.tsx'
import { useMark } from './use-mark.ts'

/** Ids that were new when this panel first showed them: they stay marked until it closes. */
const useFresh = (items: readonly StoredNotification[]): ReadonlySet<string> => {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  const found = items.filter(({ id, status }) => status === 'unseen' && !fresh.has(id))
  if (found.length > 0) setFresh(new Set([...fresh, ...found.map(({ id }) => id)]))
  return fresh
}

/** Tells the server, once for each new head, that everything up to it was seen. */
const useMarkSeen = (items: readonly StoredNotification[]) => {
  const { quits } = useApp()
  const { live } = useSignedIn()
  const head = items[0]?.seq ?? 0
  const isNew = items.some(({ status }) => status === 'unseen')
  useEffect(() => {
    if (!isNew) return
    // A mark that fails is no loss: the next opening marks again.
    void quits.mark({ upTo: head }, 'seen').then(
      ({ counts }) => live.counted(counts),
      () => undefined,
    )
  }, [head, isNew, quits, live])
}

export const WhatsNew = ({ onClose }: { onClose: () => void }) => {
  const news = useNotifications()
  const items = news.data?.items ?? []
  const fresh = useFresh(items)
  const mark = useMark()
  useMarkSeen(items)
  return (
    <Dialog title={t.whatsNew.title} place="side" onClose={onClose}>
      <MayComeLate />
      {news.isPending && <Loading />}
      {news.isError && <Failed error={news.error} retry={() => void news.refetch()} />}
      {news.isSuccess && items.length === 0 && (
        <p className="py-8 text-center text-ink-2">{t.whatsNew.empty}</p>
      )}
      <ol className="flex flex-col">
        {items.map((item) => (
          <li key={item.id} className="border-t border-hairline first:border-0">
            <Link
              href={newsHref(item)}
              onClick={() => {
                mark.mutate({ marked: { ids: [item.id] }, status: 'read' })
                onClose()
              }}
              className="flex min-h-14 gap-3 rounded-ledger px-2 py-3 hover:bg-card"
            >
              <span aria-hidden="true" className="mt-2 size-2 shrink-0">
                {fresh.has(item.id) && <span className="block size-2 rounded-full bg-owe" />}
              </span>
              <span className="min-w-0">
                <span className={`money block ${fresh.has(item.id) ? 'font-semibold' : ''}`}>
                  {fresh.has(item.id) && <span className="sr-only">{`${t.whatsNew.fresh}: `}</span>}
                  <News notification={item} />
                </span>
                <time dateTime={item.at} className="block text-small text-ink-2">
                  {formatInstant(item.at, new Date())}
                </time>
              </span>
            </Link>
          </li>
        ))}
      </ol>
      <Link href="/news" onClick={onClose} className={`${buttonClass('bare')} self-start`}>
        {t.whatsNew.all}
      </Link>
    </Dialog>
  )
}

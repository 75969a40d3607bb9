/** Everything that is new, newest first; several of a kind about one debt are one line. */
import { useSearch } from 'wouter'
import { t } from '../messages/say.ts'
import { Button } from '../parts/button.tsx'
import { FindNews } from '../parts/find-news.tsx'
import { MayComeLate } from '../parts/may-come-late.tsx'
import { NewsGroup } from '../parts/news-group.tsx'
import { Card, Page } from '../parts/page.tsx'
import { useNewsGroups } from '../parts/queries.ts'
import { Failed, Loading, Outcome } from '../parts/states.tsx'
import { useMark } from '../parts/use-mark.ts'
import { newsFilterOf, type NewsShow, readNarrowedNews, showsEverything } from './news-filter.ts'

const nothing: Record<NewsShow, string> = {
  '': t.whatsNew.empty,
  unread: t.whatsNew.none,
  away: t.whatsNew.noneAway,
}

export const AllNews = () => {
  const narrowed = readNarrowedNews(useSearch())
  const mark = useMark()
  const news = useNewsGroups(newsFilterOf(narrowed))
  const groups = news.data?.pages.flatMap(({ items }) => items) ?? []
  const head = groups[0]?.newest.seq
  const isUnread = groups.some(({ status }) => status === 'unseen' || status === 'seen')

  return (
    <Page title={t.whatsNew.title} narrow>
      <FindNews narrowed={narrowed} />
      <MayComeLate />
      {news.isPending && <Loading />}
      {news.isError && <Failed error={news.error} retry={() => void news.refetch()} />}
      {news.data !== undefined && (
        <Card className="flex flex-col gap-3">
          {groups.length === 0 && <p className="text-ink-2">{nothing[narrowed.show]}</p>}
          <ol className="flex flex-col">
            {groups.map((group) => (
              <NewsGroup
                key={group.ids.at(-1)}
                group={group}
                onMark={(ids, status) => mark.mutate({ marked: { ids }, status })}
              />
            ))}
          </ol>
          <Outcome error={mark.error} />
          {isUnread && showsEverything(narrowed) && head !== undefined && (
            <Button
              look="plain"
              className="self-start"
              busy={mark.isPending}
              onClick={() => mark.mutate({ marked: { upTo: head }, status: 'read' })}
            >
              {t.whatsNew.markAll}
            </Button>
          )}
          {news.hasNextPage && (
            <Button
              look="plain"
              className="self-start"
              busy={news.isFetchingNextPage}
              onClick={() => void news.fetchNextPage()}
            >
              {t.whatsNew.more}
            </Button>
          )}
        </Card>
      )}
    </Page>
  )
}

/** Everything that is new, newest first; several of a kind in a row are one line. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { keys } from '../api/keys.ts'
import type { NewsFilter } from '../api/quits.ts'
import { useApp } from '../app-context.ts'
import { t } from '../messages/say.ts'
import { Button } from '../parts/button.tsx'
import { Choices, SelectField } from '../parts/field.tsx'
import { NewsGroup } from '../parts/news-group.tsx'
import { Card, Page } from '../parts/page.tsx'
import { useNewsGroups, usePeople } from '../parts/queries.ts'
import { Failed, Loading, Outcome } from '../parts/states.tsx'

type Show = 'all' | 'unread'

const shows: { value: Show; label: string }[] = [
  { value: 'all', label: t.whatsNew.showAll },
  { value: 'unread', label: t.whatsNew.showUnread },
]

const useMark = () => {
  const { quits } = useApp()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (marked: Parameters<typeof quits.markRead>[0]) => quits.markRead(marked),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.notifications }),
  })
}

export const AllNews = () => {
  const [show, setShow] = useState<Show>('all')
  const [person, setPerson] = useState('')
  const people = usePeople().data?.items ?? []
  const mark = useMark()
  const filter: NewsFilter = {
    ...(show === 'unread' ? { status: 'unread' } : {}),
    ...(person === '' ? {} : { person }),
  }
  const news = useNewsGroups(filter)
  const groups = news.data?.pages.flatMap(({ items }) => items) ?? []
  const head = groups[0]?.newest.seq
  const isUnread = groups.some(({ status }) => status === 'unseen' || status === 'seen')

  return (
    <Page title={t.whatsNew.title} narrow>
      <div className="flex flex-col gap-3">
        <Choices
          label={t.whatsNew.show}
          name="show"
          value={show}
          options={shows}
          onChange={setShow}
        />
        {people.length > 0 && (
          <SelectField
            label={t.whatsNew.person}
            value={person}
            onChange={(event) => setPerson(event.target.value)}
          >
            <option value="">{t.whatsNew.everybody}</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      {news.isPending && <Loading />}
      {news.isError && <Failed error={news.error} retry={() => void news.refetch()} />}
      {news.isSuccess && (
        <Card className="flex flex-col gap-3">
          {groups.length === 0 && (
            <p className="text-ink-2">{show === 'unread' ? t.whatsNew.none : t.whatsNew.empty}</p>
          )}
          <ol className="flex flex-col">
            {groups.map((group) => (
              <NewsGroup
                key={group.ids.at(-1)}
                group={group}
                onRead={(ids) => mark.mutate({ ids })}
              />
            ))}
          </ol>
          <Outcome error={mark.error} />
          {isUnread && person === '' && head !== undefined && (
            <Button
              look="plain"
              className="self-start"
              busy={mark.isPending}
              onClick={() => mark.mutate({ upTo: head })}
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

/** What the page of news is narrowed to, as it stands in the page's address. Pure. */
import type { NewsFilter } from '../api/quits.ts'
import { t } from '../messages/say.ts'

export const newsShows = [
  { value: '', label: t.whatsNew.showAll },
  { value: 'unread', label: t.whatsNew.showUnread },
  { value: 'away', label: t.whatsNew.showAway },
] as const
export type NewsShow = (typeof newsShows)[number]['value']

/** Kinds of notifications by the name that the server knows them under. */
export const newsKinds: readonly { kind: string; label: string }[] = Object.entries(
  t.whatsNew.kinds,
).map(([kind, label]) => ({ kind, label }))

export interface NarrowedNews {
  show: NewsShow
  /** A user id, a debt's id and a kind; empty for every one. */
  person: string
  debt: string
  kind: string
}

export const readNarrowedNews = (search: string): NarrowedNews => {
  const params = new URLSearchParams(search)
  return {
    show: newsShows.find(({ value }) => value === params.get('show'))?.value ?? '',
    person: params.get('person') ?? '',
    debt: params.get('debt') ?? '',
    kind: newsKinds.find(({ kind }) => kind === params.get('kind'))?.kind ?? '',
  }
}

export const newsHref = (narrowed: Partial<NarrowedNews>): string => {
  const set = Object.entries(narrowed).filter(([, value]) => value !== '')
  const search = new URLSearchParams(set).toString()
  return search === '' ? '/news' : `/news?${search}`
}

const statuses = { '': 'inbox', unread: 'unread', away: 'archived' } as const

/** What the server is asked. */
export const newsFilterOf = ({ show, person, debt, kind }: NarrowedNews): NewsFilter => ({
  status: statuses[show],
  ...(person === '' ? {} : { person }),
  ...(debt === '' ? {} : { debt }),
  ...(kind === '' ? {} : { kind }),
})

/** Whether "everything up to here" means what the page shows. */
export const showsEverything = ({ show, person, debt, kind }: NarrowedNews): boolean =>
  show !== 'away' && person === '' && debt === '' && kind === ''

/** What pages read, by name. The feed says when to read again, so nothing is polled. */
import type { InfiniteData, UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query'
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '../api/keys.ts'
import type { GroupPage, NewsFilter, NotificationPage, Quits } from '../api/quits.ts'
import type {
  Debt,
  DebtsFilter,
  DebtsPage,
  Entry,
  KnownPerson,
  Page,
  Person,
  Summary,
  TabEntry,
} from '../api/shapes.ts'
import { useApp } from '../app-context.ts'

export const useSummary = (): UseQueryResult<Summary> => {
  const { quits } = useApp()
  return useQuery({
    queryKey: keys.summary,
    queryFn: ({ signal }) => quits.summary(signal),
  })
}

export const useDebts = (
  filter: DebtsFilter = {},
): UseInfiniteQueryResult<InfiniteData<DebtsPage>> => {
  const { quits } = useApp()
  return useInfiniteQuery({
    queryKey: [...keys.debts, filter],
    queryFn: ({ pageParam, signal }) => quits.debts(filter, pageParam, signal),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** One debt; until it is read, as a list that holds it shows it. */
export const useDebt = (id: string): UseQueryResult<Debt> => {
  const { quits } = useApp()
  const queries = useQueryClient()
  return useQuery({
    queryKey: keys.debt(id),
    queryFn: ({ signal }) => quits.debt(id, signal),
    placeholderData: () =>
      queries
        .getQueriesData<InfiniteData<DebtsPage>>({ queryKey: keys.debts })
        .flatMap(([, data]) => data?.pages ?? [])
        .flatMap(({ items }) => items)
        .find((debt) => debt.id === id),
  })
}

export const useEntries = (id: string): UseInfiniteQueryResult<InfiniteData<Page<Entry>>> => {
  const { quits } = useApp()
  return useInfiniteQuery({
    queryKey: keys.entries(id),
    queryFn: ({ pageParam, signal }) => quits.entries(id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** What of these debts waits for the reader, each on its own; the entries of one share its key. */
export const waitingIn = (quits: Quits, { id }: Debt) => ({
  queryKey: [...keys.entries(id), 'waiting'],
  queryFn: ({ signal }: { signal: AbortSignal }) => quits.waiting(id, signal),
})

export const useNotifications = (): UseQueryResult<NotificationPage> => {
  const { quits } = useApp()
  return useQuery({
    queryKey: keys.notifications,
    queryFn: ({ signal }) => quits.notifications(signal),
  })
}

export const usePerson = (id: string): UseQueryResult<Person> => {
  const { quits } = useApp()
  return useQuery({
    queryKey: keys.person(id),
    queryFn: ({ signal }) => quits.person(id, signal),
  })
}

/** The running tab with one person. */
export const useTab = (id: string): UseInfiniteQueryResult<InfiniteData<Page<TabEntry>>> => {
  const { quits } = useApp()
  return useInfiniteQuery({
    queryKey: keys.tab(id),
    queryFn: ({ pageParam, signal }) => quits.tab(id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** The people that a list can be narrowed to. */
export const usePeople = (): UseQueryResult<Page<KnownPerson>> => {
  const { quits } = useApp()
  return useQuery({ queryKey: keys.people, queryFn: ({ signal }) => quits.people(signal) })
}

export const useNewsGroups = (
  filter: NewsFilter,
): UseInfiniteQueryResult<InfiniteData<GroupPage>> => {
  const { quits } = useApp()
  return useInfiniteQuery({
    queryKey: [...keys.notifications, 'groups', filter],
    queryFn: ({ pageParam, signal }) => quits.notificationGroups(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

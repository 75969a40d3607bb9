/** The sentence of one notification; the other person's name is read from the debt. */
import type { Notification } from '@quits/proto/feed'
import { useSignedIn } from '../app-context.ts'
import { sayNews } from '../messages/news.ts'
import { t } from '../messages/say.ts'
import { useDebt } from './queries.ts'

export const News = ({ notification }: { notification: Notification }) => {
  const { user } = useSignedIn()
  const debt = useDebt(notification.subject.id)
  if (debt.isPending) return t.loading
  return sayNews(notification, debt.data?.counterparty.name ?? t.somebody, user.id)
}

/** What a notification says to its reader. Pure: the reader's role decides who did what. */
import type { Notification, NotificationGroup } from '@quits/proto/feed'
import { formatMoney } from '../money.ts'
import { fill, t } from './say.ts'

/** A pair of forms: what I did, and what the other one did. */
interface Voices {
  me: string
  them: string
}

const voices = (me: string, them: string): Voices => ({ me, them })

const { news } = t

type Reader = Notification['data']['role']

/** By `<role of the reader>` and the entry's kind, as it counts now. */
const posted: Readonly<Record<Reader, Readonly<Record<string, Voices>>>> = {
  lender: {
    advance: voices(news.youLentMore, news.theyBorrowedMore),
    repayment: voices(news.youNotedTheyPaid, news.theyPaidYou),
    forgiveness: voices(news.youLetGo, news.theyLetGo),
    reversal: voices(news.youUndid, news.theyUndid),
  },
  borrower: {
    advance: voices(news.youBorrowedMore, news.theyLentMore),
    repayment: voices(news.youPaidThem, news.theyNotedYouPaid),
    forgiveness: voices(news.youLetGo, news.theyLetGo),
    reversal: voices(news.youUndid, news.theyUndid),
  },
}

const openings: Readonly<Record<Reader, Voices>> = {
  lender: voices(news.youNotedTheyOwe, news.theyNotedTheyOwe),
  borrower: voices(news.youNotedYouOwe, news.theyNotedYouOwe),
}

const resolutions: Readonly<Record<string, Voices>> = {
  accepted: voices(news.youConfirmed, news.theyConfirmed),
  declined: voices(news.youRefusedEntry, news.theyRefusedEntry),
  withdrawn: voices(news.youTookBackEntry, news.theyTookBackEntry),
}

const voicesOf = ({ kind, data }: Notification): Voices | undefined => {
  if (data.replaces !== undefined) return voices(news.youCorrected, news.theyCorrected)
  switch (kind) {
    case 'debt.proposed':
      return openings[data.role]
    case 'debt.accepted':
      return voices(news.youAgreed, news.theyAgreed)
    case 'debt.declined':
      return voices(news.youRefused, news.theyRefused)
    case 'debt.withdrawn':
      return voices(news.youTookBack, news.theyTookBack)
    case 'debt.changed':
      return voices(news.youChangedWords, news.theyChangedWords)
    case 'invitation.declined':
      // Who invited is the only one to hear of it.
      return voices(news.invitationRefused, news.invitationRefused)
    case 'transaction.posted':
    case 'transaction.proposed':
      if (data.seq === 1 && data.kind === 'advance') return openings[data.role]
      return posted[data.role][data.kind ?? '']
    case 'transaction.resolved':
      return resolutions[data.kind ?? '']
    default:
      return undefined
  }
}

/** Only who would owe is asked about a debt; a notification of before says no status. */
const asksReader = ({ kind, data }: Notification): boolean =>
  kind === 'transaction.proposed' ||
  (kind === 'debt.proposed' && data.role === 'borrower' && data.status !== 'posted')

/** One or two sentences. `name` is the other person; `me` is the reader's user id. */
export const sayNews = (notification: Notification, name: string, me: string): string => {
  const { data, kind, actor } = notification
  const mine = actor === me
  const found = voicesOf(notification)
  const message = found === undefined ? news.other : mine ? found.me : found.them
  const sentences = [
    fill(message, { name, amount: formatMoney(data.amount ?? data.balance) }),
    kind === 'transaction.proposed' && mine && fill(news.waits, { name }),
    asksReader(notification) && !mine && news.isRight,
    data.effect === 'closed' && fill(news.quits, { name }),
  ]
  return sentences.filter((sentence) => sentence !== false).join(' ')
}

const together: Readonly<Record<NonNullable<NotificationGroup['together']>, Voices>> = {
  correction: voices(t.groups.correctionByMe, t.groups.correction),
  payment: voices(t.groups.paymentOverByMe, t.groups.paymentOver),
}

/** One line for several notifications that say the same kind of thing, or were one act. */
export const sayGroup = (
  group: Pick<NotificationGroup, 'newest' | 'count' | 'together'>,
  name: string,
  me: string,
): string => {
  const { newest, count } = group
  const mine = newest.actor === me
  const said = groupVoices(group)
  const sentence = fill(mine ? said.me : said.them, { count: String(count), name })
  const asks = group.together !== undefined && newest.kind === 'transaction.proposed' && !mine
  return asks ? `${sentence} ${news.isRight}` : sentence
}

const groupVoices = ({
  newest,
  together: act,
}: Pick<NotificationGroup, 'newest' | 'together'>): Voices => {
  if (act !== undefined) return together[act]
  if (newest.kind === 'invitation.declined') {
    return voices(t.groups.invitationsRefused, t.groups.invitationsRefused)
  }
  const isPayment = newest.data.kind === 'repayment' && newest.kind.startsWith('transaction.p')
  return isPayment
    ? voices(t.groups.paymentsByMe, t.groups.paymentsFrom)
    : voices(t.groups.moreByMe, t.groups.more)
}

/** What a person wants to hear of, and what that leaves of a draft. Pure. */
import type { BookEvent } from '@quits/proto/books'
import type { Mute } from '@quits/proto/feed'
import { type Draft, notificationsOf } from './notifications.ts'

export interface Wish {
  mutes: Mute[]
  /** The account is gone: nothing is stored for this person any more. */
  isErased: boolean
}

export const noWish: Wish = { mutes: [], isErased: false }

/**
 * The draft as its reader wants it; none where the account is gone. A muted one keeps its place, so that
 * nobody's seqs get a hole; it neither rings nor waits to be read. It is silent, and not merely quiet,
 * because silent events are the ones that no client counts.
 */
export const asWanted = (draft: Draft, wish: Wish): Draft[] => {
  if (wish.isErased) return []
  const { content } = draft
  const isMuted = content.weight !== 'silent' && wish.mutes.some((mute) => concerns(mute, content))
  if (!isMuted) return [draft]
  return [{ ...draft, content: { ...content, weight: 'silent', muted: true }, status: 'read' }]
}

/** What these events are for one person, as they want it. */
export const draftsFor = (userId: string, events: BookEvent[], wish: Wish): Draft[] =>
  events
    .flatMap(notificationsOf)
    .filter((draft) => draft.userId === userId)
    .flatMap((draft) => asWanted(draft, wish))

const concerns = (mute: Mute, { actor, subject, kind }: Draft['content']): boolean => {
  if (mute.type === 'person') return actor === mute.id
  if (mute.type === 'debt') return subject.id === mute.id
  return kind === mute.id
}

/** Without repetitions, in the order given. */
export const distinct = (mutes: Mute[]): Mute[] => [
  ...new Map(mutes.map((mute) => [`${mute.type} ${mute.id}`, mute])).values(),
]

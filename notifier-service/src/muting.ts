/** What a person has muted. Pure. */
import type { Mute } from '@quits/proto/feed'
import type { Draft } from './notifications.ts'

/**
 * The draft as its reader wants it. A muted one keeps its place, so that nobody's seqs get a hole;
 * it neither rings nor waits to be read. It is silent, and not merely quiet, because silent events
 * are the ones that no client counts.
 */
export const asWanted = (draft: Draft, mutes: Mute[]): Draft => {
  const { content } = draft
  const isMuted = content.weight !== 'silent' && mutes.some((mute) => concerns(mute, content))
  if (!isMuted) return draft
  return { ...draft, content: { ...content, weight: 'silent', muted: true }, status: 'read' }
}

const concerns = (mute: Mute, { actor, subject, kind }: Draft['content']): boolean => {
  if (mute.type === 'person') return actor === mute.id
  if (mute.type === 'debt') return subject.id === mute.id
  return kind === mute.id
}

/** Without repetitions, in the order given. */
export const distinct = (mutes: Mute[]): Mute[] => [
  ...new Map(mutes.map((mute) => [`${mute.type} ${mute.id}`, mute])).values(),
]

/** A job as it comes off the queue, turned into what the use case needs, or into a reason. */
import { unseal } from '@quits/kit/seal'
import { mailJob, sealedInvitation, sealedSecrets } from '@quits/proto/jobs'
import type { Message } from './templates.ts'

export interface Job {
  id: string
  locale: string
  to: { address: string; name: string }
  expiresAtMs: number
  message: Message
}

/** Why a job can never be sent. A dead letter carries it, so it repeats nothing of the job. */
export type Poison = 'too-big' | 'not-json' | 'not-a-job' | 'not-unsealable'

export type ParsedJob = { job: Job } | { poison: Poison }

const contentBytesMax = 65_536

/** Parses untrusted bytes; `key` opens the secrets. Never throws. */
export const parseJob = (content: Buffer, key: Buffer): ParsedJob => {
  if (content.length > contentBytesMax) return { poison: 'too-big' }
  const json = attempt(() => JSON.parse(content.toString('utf8')))
  if (json === undefined) return { poison: 'not-json' }
  const { data: order } = mailJob.safeParse(json)
  if (order === undefined) return { poison: 'not-a-job' }
  const { id, locale, to } = order
  const envelope = { id, locale, to, expiresAtMs: Date.parse(order.expiresAt) }
  if (order.template === 'account-exists') {
    return { job: { ...envelope, message: { template: order.template } } }
  }
  if (order.template === 'invitation') {
    const { inviter, amount } = order
    const { data: opened } = sealedInvitation.safeParse(
      attempt(() => unseal(key, id, order.sealed)),
    )
    if (opened === undefined) return { poison: 'not-unsealable' }
    const message: Message = { template: order.template, inviter, amount, link: opened.link }
    return { job: { ...envelope, message } }
  }
  const { data: secrets } = sealedSecrets.safeParse(attempt(() => unseal(key, id, order.sealed)))
  if (secrets === undefined) return { poison: 'not-unsealable' }
  return { job: { ...envelope, message: { template: order.template, code: secrets.code } } }
}

/** An expired job is never sent: a late code is worse than none. */
export const isExpired = (job: Job, nowMs: number): boolean => nowMs >= job.expiresAtMs

const attempt = (act: () => unknown): unknown => {
  try {
    return act()
  } catch {
    return undefined
  }
}

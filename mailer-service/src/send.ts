/** The use case: one job, sent once in effect, never after its expiry, never lost. */
import type { Log } from '@quits/kit/log'
import { classifyFault, type Fault } from './faults.ts'
import { isExpired, type Job, parseJob } from './job.ts'
import { attemptsMax, retryDelay } from './retries.ts'
import type { SendRate } from './send-rate.ts'
import type { Ending, Store } from './store.ts'
import { render } from './templates.ts'
import type { Transport } from './transport.ts'

export interface Delivery {
  content: Buffer
  /** Tries before this one. */
  attempts: number
}

/** What became of a delivery; the consumer turns it into AMQP. `released`: back to the queue. */
export type Outcome =
  | { did: 'sent' | 'repeat_avoided' | 'dropped_expired' | 'suppressed' | 'released' }
  | { did: 'retried'; afterSeconds: number; reason: string }
  | { did: 'dead'; reason: string }

export type Send = (delivery: Delivery, signal: AbortSignal) => Promise<Outcome>

/** A delivery waits this long for its turn, far below the broker's patience for an ack (30 min). */
const turnMsMax = 60_000
const throttlePauseMs = 1_000
const accountPauseMs = 30_000

/** `signal` releases those who still wait for their turn; a call to SES is always finished. */
export const makeSend = (options: {
  store: Store
  transport: Pick<Transport, 'send'>
  rate: SendRate
  jobsKey: Buffer
  nowMs: () => number
  random: () => number
  log: Log
}): Send => {
  const { store, transport, rate, nowMs, log } = options

  const send: Send = async (delivery, signal) => {
    const parsed = parseJob(delivery.content, options.jobsKey)
    if ('poison' in parsed) return { did: 'dead', reason: parsed.poison }
    const { job } = parsed
    if (isExpired(job, nowMs())) return dropExpired(job)
    try {
      if ((await claim(job)) === 'already-sent') return { did: 'repeat_avoided' }
      if (await store.isSuppressed(job.to.address)) return await suppress(job)
      const myTurn = await rate.take(Math.min(job.expiresAtMs, nowMs() + turnMsMax), signal)
      if (isExpired(job, nowMs())) return await dropExpired(job)
      if (signal.aborted) return { did: 'released' }
      if (!myTurn) return await tryLater(job, delivery.attempts, 'no-turn')
      const sesMessageId = await call(job)
      await note(job, () => store.recordSent(job.id, sesMessageId))
      return { did: 'sent' }
    } catch (error) {
      return judge(job, delivery.attempts, classifyFault(error))
    }
  }

  const claim = (job: Job) => store.claim(job.id, job.message.template)

  const call = (job: Job) => {
    const { name, address } = job.to
    const lifetimeMs = job.expiresAtMs - nowMs()
    const mail = render(job.message, { locale: job.locale, name, lifetimeMs })
    return transport.send({ jobId: job.id, template: job.message.template, address }, mail)
  }

  const judge = async (job: Job, attempts: number, fault: Fault): Promise<Outcome> => {
    log.warn({ jobId: job.id, fault: fault.name, kind: fault.kind, attempts }, 'not sent')
    if (fault.kind === 'permanent') return bury(job, `permanent:${fault.name}`)
    if (fault.kind === 'throttle') rate.pause(throttlePauseMs)
    if (fault.kind === 'paused') rate.pause(accountPauseMs)
    return tryLater(job, attempts, `${fault.kind}:${fault.name}`)
  }

  const tryLater = async (job: Job, attempts: number, reason: string): Promise<Outcome> => {
    if (attempts + 1 >= attemptsMax) return bury(job, `attempts:${reason}`)
    const afterSeconds = retryDelay(attempts, options.random(), job.expiresAtMs - nowMs())
    return afterSeconds === undefined ? dropExpired(job) : { did: 'retried', afterSeconds, reason }
  }

  const bury = async (job: Job, reason: string): Promise<Outcome> => {
    await end(job, 'failed', reason)
    return { did: 'dead', reason }
  }

  const dropExpired = async (job: Job): Promise<Outcome> => {
    await end(job, 'expired')
    return { did: 'dropped_expired' }
  }

  const suppress = async (job: Job): Promise<Outcome> => {
    await end(job, 'suppressed')
    return { did: 'suppressed' }
  }

  const end = (job: Job, ending: Ending, reason?: string) =>
    note(job, () => store.recordEnd(job.id, job.message.template, ending, reason))

  /**
   * What was decided is decided, recorded or not: sending again because the record of it failed
   * would make the repeat that the record is there to prevent. The ack ends the job.
   */
  const note = async (job: Job, record: () => Promise<void>) => {
    await record().catch((error: unknown) =>
      log.warn({ err: error, jobId: job.id }, 'the outcome was not recorded'),
    )
  }

  return send
}

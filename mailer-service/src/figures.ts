/** The mailer's own figures. */
import { Counter, Histogram, type Registry } from '@quits/kit/metrics'
import type { Outcome } from './send.ts'

const outcomes: Outcome['did'][] = [
  'sent',
  'retried',
  'dead',
  'dropped_expired',
  'repeat_avoided',
  'suppressed',
  'released',
]

export const makeFigures = (registry: Registry) => {
  const jobs = new Counter({
    name: 'quits_mail_jobs_total',
    help: 'Deliveries settled, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // Shown as zero from the start: an alert on a rate needs the first step.
  for (const outcome of outcomes) jobs.inc({ outcome }, 0)
  const age = new Histogram({
    name: 'quits_mail_job_age_seconds',
    help: 'From the making of a job until it was sent',
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600],
    registers: [registry],
  })

  return {
    settled(outcome: Outcome, ageMs: number | undefined) {
      jobs.inc({ outcome: outcome.did })
      if (outcome.did === 'sent' && ageMs !== undefined) age.observe(ageMs / 1_000)
    },
  }
}

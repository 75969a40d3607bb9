// A client of the ledger that keeps its word: it writes down each intent before it sends it, repeats
// it under the same key until the outcome is known, and remembers every outcome.
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../demo/random.ts'
import { meaningOf, type Meaning } from './classify.ts'
import type { Call, Ending } from './http-call.ts'

/** One effect that somebody wants, whatever the number of calls it takes. */
export interface Intent {
  /** Travels as the note of the entry, so that effects can be counted without the key. */
  name: string
  debtId: string
  userId: string
  token: string
  body: { kind: string; amount: { minor: string; currency: string } }
}

export interface Outcome {
  intent: Intent
  key: string
  attempts: number
  fate: 'done' | 'refused' | 'open'
  /** The row that the answer named. */
  seq: number | undefined
}

export interface Journal {
  outcomes: Outcome[]
  /** How often each meaning was met. */
  met: Record<Meaning, number>
  /** Endings that nobody classified: each fails the run. */
  unclassified: string[]
}

export const emptyJournal = (): Journal => ({
  outcomes: [],
  met: { done: 0, definitive: 0, ambiguous: 0, transient: 0, unclassified: 0 },
  unclassified: [],
})

export interface Client {
  enter: (intent: Intent) => Promise<Outcome>
  journal: Journal
}

const attemptsMax = 400
const delayMsMax = 250

/**
 * Two broken twins: a `keyless` one gives every attempt a key of its own, as if there were none; a
 * `credulous` one takes an ambiguous answer for a yes.
 */
export function makeLedgerClient(options: {
  call: Call
  random: Random
  keyless?: boolean
  credulous?: boolean
}): Client {
  const { call, random, keyless = false, credulous = false } = options
  const journal = emptyJournal()
  const keyOf = (name: string, attempt: number) => (keyless ? `${name}#${attempt}` : name)

  const send = (intent: Intent, key: string) =>
    call({
      method: 'POST',
      path: `/v1/debts/${intent.debtId}/transactions`,
      token: intent.token,
      headers: { 'idempotency-key': key },
      body: JSON.stringify({ ...intent.body, note: intent.name }),
    })

  return {
    journal,
    async enter(intent) {
      const outcome: Outcome = { intent, key: '', attempts: 0, fate: 'open', seq: undefined }
      journal.outcomes.push(outcome)
      while (outcome.attempts < attemptsMax && outcome.fate === 'open') {
        outcome.key = keyOf(intent.name, outcome.attempts)
        outcome.attempts += 1
        const ending = await send(intent, outcome.key)
        const meaning = meaningOf(ending)
        journal.met[meaning] += 1
        if (meaning === 'done') settle(outcome, ending)
        else if (credulous && meaning === 'ambiguous') outcome.fate = 'done'
        else if (meaning === 'definitive') outcome.fate = 'refused'
        else {
          if (meaning === 'unclassified') journal.unclassified.push(say(ending))
          await delay(random.whole(1, Math.min(delayMsMax, 2 ** Math.min(outcome.attempts, 8))))
        }
      }
      return outcome
    },
  }
}

function settle(outcome: Outcome, ending: Ending): void {
  outcome.fate = 'done'
  if (!('reply' in ending)) return
  outcome.seq = (JSON.parse(ending.reply.text) as { seq: number }).seq
}

const say = (ending: Ending) =>
  'broken' in ending ? ending.broken : `${ending.reply.status} ${ending.reply.text.slice(0, 200)}`

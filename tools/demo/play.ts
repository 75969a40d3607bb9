// Performs a story at the front door. Every request carries a key made from the story, so that what
// was done before is recognised and a story that was cut short goes on where it stopped.
import { z } from 'zod'
import type { Act, Debt, Role, Story } from './acts.ts'
import { type Ask, DemoFailure, expectAnswer, type Reply } from './front-door.ts'
import type { Tokens } from './sign-in.ts'

export interface Played {
  /** Acts that were done now. */
  written: number
  /** Acts that were recognised from an earlier time. */
  recognised: number
  /** Ids of the debts at the front door, by their ids in the story. */
  debtIds: Map<string, string>
}

const profilePart = z.object({ createdAt: z.string() })
const debtPart = z.object({ id: z.string() })
const entryPart = z.object({ seq: z.number().int() })

/**
 * The story's last day: the one on which its first person signed up. So dates lie in the past year,
 * and are the same whenever the story is told again.
 */
export async function lastDayOf(story: Story, ask: Ask, tokens: Tokens): Promise<string> {
  const [first] = story.people
  const token = tokens.get(first?.email ?? '') ?? ''
  const reply = await ask('GET', '/v1/users/me', { token })
  return expectAnswer(profilePart, reply, 'reading a profile').createdAt.slice(0, 10)
}

/**
 * Each person does one thing after the other, and so does each debt; otherwise all act at once.
 * After the first refusal nothing more is begun.
 */
export async function play(
  story: Story,
  stage: { ask: Ask; tokens: Tokens; lastDay: string; onAct: (done: number) => void },
): Promise<Played> {
  const { ask, tokens, lastDay, onAct } = stage
  const debts = new Map(story.debts.map((debt) => [debt.id, debt]))
  const played: Played = { written: 0, recognised: 0, debtIds: new Map() }
  const seqs = new Map<string, number>()
  let failed = false

  const perform = async (act: Act): Promise<void> => {
    const debt = debts.get(act.debtId)
    if (debt === undefined) throw new DemoFailure(`${act.id} is about no debt of the story`)
    const { path, body } = requestOf(act, debt, { debtIds: played.debtIds, seqs, lastDay })
    const token = tokens.get(act.by) ?? ''
    const headers = { 'idempotency-key': keyOf(story, act) }
    const reply = await ask('POST', path, { token, headers, body })
    remember(act, reply)
    if (reply.headers.has('idempotency-replayed')) played.recognised += 1
    else played.written += 1
    onAct(played.written + played.recognised)
  }

  const remember = (act: Act, reply: Reply): void => {
    const tried = `${act.by}, ${act.does}, act ${act.id}`
    if (act.does === 'open') {
      played.debtIds.set(act.debtId, expectAnswer(debtPart, reply, tried).id)
    } else if (act.does === 'enter') {
      seqs.set(act.id, expectAnswer(entryPart, reply, tried).seq)
    } else {
      expectAnswer(z.unknown(), reply, tried)
    }
  }

  const last = new Map<string, Promise<void>>()
  const inTurn = async (act: Act, earlier: Promise<void>[]): Promise<void> => {
    await Promise.all(earlier)
    if (failed) return
    try {
      await perform(act)
    } catch (error) {
      failed = true
      throw error
    }
  }
  const done = story.acts.map((act) => {
    const earlier = [act.by, act.debtId].flatMap((name) => last.get(name) ?? [])
    const turn = inTurn(act, earlier)
    last.set(act.by, turn)
    last.set(act.debtId, turn)
    return turn
  })
  for (const end of await Promise.allSettled(done)) {
    if (end.status === 'rejected') throw end.reason
  }
  return played
}

/** Seed and sizes name the story, so another one adds its own debts. */
const keyOf = ({ seed, sizes: { people, debts, entries } }: Story, act: Act) =>
  `demo-${seed}-${people}-${debts}-${entries}-${act.id}`

interface Known {
  debtIds: Map<string, string>
  seqs: Map<string, number>
  lastDay: string
}

const verbOf = { accepted: 'accept', declined: 'decline', withdrawn: 'withdraw' } as const

function requestOf(act: Act, debt: Debt, known: Known): { path: string; body: object } {
  const money = (minor: bigint) => ({ minor: minor.toString(), currency: debt.currency })
  if (act.does === 'open') {
    return { path: '/v1/debts', body: openingOf(debt, money(act.amountMinor), act, known.lastDay) }
  }
  const path = `/v1/debts/${known.debtIds.get(debt.id) ?? ''}`
  if (act.does === 'enter') {
    const { kind, note, daysAgo } = act
    const occurredOn = dayBefore(known.lastDay, daysAgo)
    const body = { kind, amount: money(act.amountMinor), occurredOn, note }
    return { path: `${path}/transactions`, body }
  }
  const verb = verbOf[act.verdict]
  if (act.does === 'answer debt') return { path: `${path}/${verb}`, body: { reason: act.reason } }
  const { reason, suggestedMinor } = act
  const amount = suggestedMinor === undefined ? undefined : money(suggestedMinor)
  const seq = known.seqs.get(act.entryId) ?? 0
  return { path: `${path}/transactions/${seq}/${verb}`, body: { reason, amount } }
}

function openingOf(debt: Debt, opening: object, { daysAgo }: Act, lastDay: string): object {
  const { owner, description, category, dueInDays } = debt
  const other: Role = owner === 'lender' ? 'borrower' : 'lender'
  return {
    role: owner,
    counterparty: debt[other],
    opening,
    description,
    category,
    occurredOn: dayBefore(lastDay, daysAgo),
    dueOn: dueInDays === undefined ? undefined : dayBefore(lastDay, -dueInDays),
  }
}

const dayMs = 86_400_000

/** Civil dates only: in UTC every day has the same length. */
const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * dayMs).toISOString().slice(0, 10)

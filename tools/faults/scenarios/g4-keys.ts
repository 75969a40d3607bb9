// G4: what an Idempotency-Key promises, each promise many times.
import { randomUUID } from 'node:crypto'
import { audit } from '../audit.ts'
import { type Debt, eur, openDebt, parsed, post } from '../debts.ts'
import type { Reply } from '../http-call.ts'
import { passing } from '../proxy/rules.ts'
import type { Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

interface Trial {
  world: World
  debt: Debt
  times: number
  /** The broken twin draws a new key for each call, as a service without keys would see it. */
  keyless: boolean
  faults: string[]
}

const atOnce = 50
const togetherMax = 8

export const keys: Scenario = {
  id: 'G4',
  what: 'keys: byte-equal replays, other bodies refused, one effect of 50, after a 5xx, after a restart',
  needs: 'any',
  async play(world, run) {
    const times = run.short ? 40 : 1_000
    const keyed = await tryAll(world, times, false)
    const twin = await tryAll(world, 5, true)
    return {
      figures: { timesEach: times, effects: keyed.effects, twinFaults: twin.faults.length },
      faults: keyed.faults.slice(0, 20),
      struck: keyed.refused5xx,
      twinCaught: twin.faults.length > 0,
    }
  },
}

async function tryAll(world: World, times: number, keyless: boolean) {
  const debt = await openDebt(world)
  const faults: string[] = []
  const trial: Trial = { world, debt, times, keyless, faults }
  await replays(trial)
  await otherBodies(trial)
  await crowds(trial)
  await otherCallers(trial)
  const refused5xx = await afterAFault(trial)
  await afterARestart(trial)
  const bad = await audit(world.admin, [debt.id])
  faults.push(...bad.map(({ what }) => what))
  const { rows } = await world.admin.query<{ count: number; names: number }>(
    `SELECT count(*)::int AS count, count(DISTINCT note)::int AS names FROM transaction_words
     WHERE book_id = $1 AND seq > 1`,
    [debt.id],
  )
  const [effects = { count: 0, names: 0 }] = rows
  if (effects.count !== effects.names) {
    faults.push(`${effects.count} effects of ${effects.names} intents`)
  }
  return { faults, effects: effects.count, refused5xx }
}

/** What posts at once: the borrower borrows more, the lender is repaid. */
const enter = (trial: Trial, name: string, key: string, minor = 3, who = trial.debt.borrower) =>
  post(
    trial.world.call,
    who,
    `/v1/debts/${trial.debt.id}/transactions`,
    {
      kind: who === trial.debt.borrower ? 'advance' : 'repayment',
      amount: eur(minor),
      note: name,
    },
    { 'idempotency-key': trial.keyless ? randomUUID() : key },
  )

const expectSame = (trial: Trial, what: string, first: Reply, again: Reply) => {
  if (first.status !== 201) trial.faults.push(`${what}: first answer ${first.status}`)
  if (again.text !== first.text) trial.faults.push(`${what}: not byte-equal`)
  if (again.headers['idempotency-replayed'] !== 'true') trial.faults.push(`${what}: not replayed`)
}

/** Runs `act` for each of `count` numbers, a few at a time. */
async function each(count: number, act: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < count) {
      next += 1
      await act(next)
    }
  }
  await Promise.all(Array.from({ length: togetherMax }, work))
}

async function replays(trial: Trial): Promise<void> {
  await each(trial.times, async (n) => {
    const key = randomUUID()
    const first = await enter(trial, `replay ${n}`, key)
    expectSame(trial, 'replay', first, await enter(trial, `replay ${n}`, key))
  })
}

async function otherBodies(trial: Trial): Promise<void> {
  await each(trial.times, async (n) => {
    const key = randomUUID()
    await enter(trial, `body ${n}`, key)
    const other = await enter(trial, `body ${n}`, key, 4)
    const { code } = parsed(other)
    if (other.status !== 422 || code !== 'idempotency_key_reused') {
      trial.faults.push(`another body under the same key: ${other.status} ${String(code)}`)
    }
  })
}

async function crowds(trial: Trial): Promise<void> {
  const rounds = Math.max(1, Math.floor(trial.times / atOnce))
  for (let round = 0; round < rounds; round += 1) {
    const key = randomUUID()
    const crowd = Array.from({ length: atOnce }, () => enter(trial, `crowd ${round}`, key))
    const replies = await Promise.all(crowd)
    if (new Set(replies.map(({ text }) => text)).size !== 1) {
      trial.faults.push(`${atOnce} at once had different answers`)
    }
  }
}

async function otherCallers(trial: Trial): Promise<void> {
  const { borrower, lender } = trial.debt
  await each(trial.times, async (n) => {
    const key = randomUUID()
    const mine = await enter(trial, `mine ${n}`, key, 5, borrower)
    const theirs = await enter(trial, `theirs ${n}`, key, 5, lender)
    if (mine.status !== 201 || theirs.status !== 201) {
      trial.faults.push(`the same key of two people: ${mine.status} and ${theirs.status}`)
    }
  })
}

/** While the database is away the call fails; the same key afterwards has one effect. */
async function afterAFault(trial: Trial): Promise<number> {
  const { toDatabase } = trial.world
  const calls = Math.min(trial.times, 100)
  const names = Array.from({ length: calls }, (_, n) => ({ name: `fault ${n}`, key: randomUUID() }))
  toDatabase.setRule(passing)
  toDatabase.refuse(true)
  toDatabase.cutAll()
  const refused: Reply[] = []
  try {
    for (const { name, key } of names.slice(0, 10)) refused.push(await enter(trial, name, key))
  } finally {
    toDatabase.refuse(false)
  }
  for (const { status, headers, text } of refused) {
    if (status !== 503 || headers['retry-after'] === undefined) {
      trial.faults.push(`with the database away: ${status} ${text.slice(0, 100)}`)
    }
  }
  for (const { name, key } of names) {
    const again = await enter(trial, name, key)
    if (again.status !== 201) trial.faults.push(`after the fault: ${again.status}`)
  }
  return refused.length
}

async function afterARestart(trial: Trial): Promise<void> {
  const names = Array.from({ length: 10 }, (_, n) => ({ name: `restart ${n}`, key: randomUUID() }))
  const before: Reply[] = []
  for (const { name, key } of names) before.push(await enter(trial, name, key))
  await trial.world.service.process.kill('SIGKILL')
  await trial.world.service.process.restart()
  for (const [n, { name, key }] of names.entries()) {
    const first = before[n]
    const again = await enter(trial, name, key)
    if (first !== undefined) expectSame(trial, 'after a restart', first, again)
  }
}

// G7: many write and many read one debt while replies are cut and the service is paused.
import type { Random } from '../../demo/random.ts'
import { type Debt, eur, openDebt, parsed } from '../debts.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { meaningOf } from '../classify.ts'
import { anomaliesOf, type History } from '../history/checker.ts'
import { makeLedgerClient } from '../ledger-client.ts'
import { cutting, passing } from '../proxy/rules.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const writers = 6
const readers = 4
const chance = 0.02
const workingMs = 300
const pausedMs = 500

/** What is written and read: the ledger, or a twin of it. */
interface Subject {
  write: (name: string, minor: number) => Promise<{ seq: number; balanceMinor: bigint } | undefined>
  read: () => Promise<{ lastSeq: number; balanceMinor: bigint } | undefined>
  rows: () => Promise<History['rows']>
}

export const histories: Scenario = {
  id: 'G7',
  what: 'concurrent histories under cuts and pauses: every read is some prefix, no update is lost',
  needs: 'any',
  async play(world, run) {
    const operations = run.short ? 1_000 : 20_000
    const debt = await openDebt(world)
    const commits = cutting({
      direction: 'reply',
      label: /^done COMMIT/,
      chance,
      random: run.random,
    })
    const answers = cutting({ direction: 'reply', label: /^HTTP/, chance, random: run.random })
    world.toDatabase.setRule(commits)
    world.toService.setRule(answers)
    const pausing = new AbortController()
    const pauses = pause(world, run.short ? 2 : 20, pausing.signal)
    let history: History
    try {
      history = await record(ledgerOf(world, debt, run), run.random, operations)
    } finally {
      pausing.abort()
      await pauses
      world.toDatabase.setRule(passing)
      world.toService.setRule(passing)
    }
    const twin = await record(await naiveOf(world), run.random, 400)
    const anomalies = anomaliesOf(history)
    return {
      figures: {
        writes: history.writes.length,
        reads: history.reads.length,
        pauses: await pauses,
        anomalies: anomalies.length,
        twinAnomalies: anomaliesOf(twin).length,
      },
      faults: anomalies.slice(0, 20),
      struck: Math.min(commits.struck(), answers.struck(), await pauses),
      twinCaught: anomaliesOf(twin).length > 0,
    }
  },
}

/** Stops the service for a moment, again and again: what is in flight waits, and nothing is told. */
async function pause(world: World, count: number, signal: AbortSignal): Promise<number> {
  const { process } = world.service
  for (let paused = 0; paused < count; paused += 1) {
    await delay(workingMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return paused
    process.signal('SIGSTOP')
    await delay(pausedMs)
    process.signal('SIGCONT')
  }
  return count
}

/** Writers and readers share the operations; each reader keeps its own order. */
async function record(subject: Subject, random: Random, operations: number): Promise<History> {
  const history: History = { rows: [], writes: [], reads: [] }
  let done = 0
  let knownSeq = 0
  const write = async () => {
    while (done < operations) {
      done += 1
      const minor = random.whole(1, 1_000)
      const written = await subject.write(`h-${done}`, minor)
      if (written === undefined) continue
      history.writes.push({ ...written, amountMinor: BigInt(minor) })
      knownSeq = Math.max(knownSeq, written.seq)
    }
  }
  const read = async (reader: number) => {
    while (done < operations) {
      done += 1
      const known = knownSeq
      const seen = await subject.read()
      if (seen !== undefined) history.reads.push({ reader, ...seen, knownSeq: known })
    }
  }
  await Promise.all([
    ...Array.from({ length: writers }, write),
    ...Array.from({ length: readers }, (_, reader) => read(reader)),
  ])
  history.rows = await subject.rows()
  return history
}

function ledgerOf(world: World, debt: Debt, { random }: Run): Subject {
  const client = makeLedgerClient({ call: world.call, random })
  const { borrower, lender } = debt
  return {
    async write(name, minor) {
      const body = { kind: 'advance', amount: eur(minor) }
      const who = { userId: borrower.userId, token: borrower.token }
      const { seq } = await client.enter({ name, debtId: debt.id, ...who, body })
      if (seq === undefined) return undefined
      const { rows } = await world.admin.query<{ balance: bigint }>(
        'SELECT balance_minor AS balance FROM transactions WHERE book_id = $1 AND seq = $2',
        [debt.id, seq],
      )
      return { seq, balanceMinor: rows[0]?.balance ?? -1n }
    },
    async read() {
      const path = `/v1/debts/${debt.id}`
      const ending = await world.call({ method: 'GET', path, token: lender.token })
      if (meaningOf(ending) !== 'done' || !('reply' in ending)) return undefined
      const { version, balance } = parsed(ending.reply) as {
        version: number
        balance: { minor: string }
      }
      // Each row raises the version by one, and nobody changes this debt's words.
      return { lastSeq: version, balanceMinor: BigInt(balance.minor) }
    },
    async rows() {
      const { rows } = await world.admin.query<{ seq: number; amount: bigint; balance: bigint }>(
        `SELECT seq, CASE seq WHEN 1 THEN balance_minor ELSE amount_minor END AS amount,
           balance_minor AS balance FROM transactions WHERE book_id = $1 ORDER BY seq OFFSET 1`,
        [debt.id],
      )
      return rows.map(({ seq, amount, balance }) => ({
        seq,
        amountMinor: amount,
        balanceMinor: balance,
      }))
    },
  }
}

/** The broken twin: reads the balance, adds to it, writes it down. */
async function naiveOf({ admin }: World): Promise<Subject> {
  await admin.query(
    `CREATE TABLE IF NOT EXISTS naive_ledger (
       seq int GENERATED ALWAYS AS IDENTITY, amount bigint, balance bigint)`,
  )
  await admin.query('INSERT INTO naive_ledger (amount, balance) VALUES (0, 0)')
  const last = async () => {
    const { rows } = await admin.query<{ seq: number; balance: bigint }>(
      'SELECT seq, balance FROM naive_ledger ORDER BY seq DESC LIMIT 1',
    )
    const [row = { seq: 0, balance: 0n }] = rows
    return { lastSeq: row.seq, balanceMinor: row.balance }
  }
  return {
    read: last,
    async write(_name, minor) {
      const { balanceMinor } = await last()
      const { rows } = await admin.query<{ seq: number; balance: bigint }>(
        'INSERT INTO naive_ledger (amount, balance) VALUES ($1, $2) RETURNING seq, balance',
        [minor, balanceMinor + BigInt(minor)],
      )
      const [row] = rows
      return row === undefined ? undefined : { seq: row.seq, balanceMinor: row.balance }
    },
    async rows() {
      const { rows } = await admin.query<{ seq: number; amount: bigint; balance: bigint }>(
        'SELECT seq, amount, balance FROM naive_ledger ORDER BY seq',
      )
      return rows.map(({ seq, amount, balance }) => ({
        seq,
        amountMinor: amount,
        balanceMinor: balance,
      }))
    },
  }
}

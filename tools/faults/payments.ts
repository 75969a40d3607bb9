// Payments over several debts at once, made again and again: each is a bundle, all rows or none.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../demo/random.ts'
import { meaningOf } from './classify.ts'
import { type Debt, eur, parsed, post } from './debts.ts'
import type { Asking, Reply } from './http-call.ts'
import type { Signed, World } from './world.ts'

const attemptsMax = 400
const paidMinor = 23

export interface Payer {
  /** What the payer owes, and what they are owed by the same person. */
  bookIds: string[]
  /** Makes one payment after both have borrowed a little more; repeats it until it is known. */
  pay: () => Promise<void>
  /** What is wrong with the bundles in the database, in words. */
  check: () => Promise<string[]>
  made: () => number
}

/** Two people who owe each other. */
export async function makePayer(world: World, random: Random): Promise<Payer> {
  const payer = await world.person('Ana')
  const other = await world.person('Bo')
  // Each payment takes five more than was borrowed before it: enough for millions of them.
  const owes = await between(world, { lender: other, borrower: payer }, 100_000_000)
  const owed = await between(world, { lender: payer, borrower: other }, 500)
  const bundles: string[] = []
  const insist = (who: Signed, path: string, body: object) =>
    insistOn(world, random, {
      method: 'POST',
      path,
      token: who.token,
      headers: { 'idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    })
  const borrow = ({ id, borrower }: Debt, minor: number) =>
    insist(borrower, `/v1/debts/${id}/transactions`, { kind: 'advance', amount: eur(minor) })
  return {
    bookIds: [owes.id, owed.id],
    made: () => bundles.length,
    async pay() {
      await Promise.all([borrow(owes, 30), borrow(owed, 12)])
      // Written down by who is paid, so that it posts: of those that wait, a debt takes a few only.
      const body = { from: 'them', amount: eur(paidMinor) }
      const paid = await insist(other, `/v1/people/${payer.userId}/payments`, body)
      bundles.push(String(parsed(paid)['bundle']))
    },
    check: () => bundlesOf(world, { owes: owes.id, owed: owed.id }, bundles),
  }
}

async function between(world: World, who: Omit<Debt, 'id'>, minor: number): Promise<Debt> {
  const opened = await post(world.callDirectly, who.lender, '/v1/debts', {
    role: 'lender',
    counterparty: { email: who.borrower.email },
    opening: eur(minor),
    description: 'shared',
  })
  const id = String(parsed(opened)['id'])
  await post(world.callDirectly, who.borrower, `/v1/debts/${id}/accept`)
  return { id, ...who }
}

/** The same request under the same key, until the outcome is known to be a success. */
async function insistOn(world: World, random: Random, asking: Asking): Promise<Reply> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const ending = await world.call(asking)
    const meaning = meaningOf(ending)
    if (meaning === 'done' && 'reply' in ending) return ending.reply
    if (meaning === 'definitive' || meaning === 'unclassified') {
      throw new Error(`${asking.path}: ${JSON.stringify(ending)}`)
    }
    await delay(random.whole(1, 200))
  }
  throw new Error(`${asking.path}: the outcome was never known`)
}

/** Each payment moves its amount between the two, over all its rows; and there are no others. */
async function bundlesOf(
  world: World,
  { owes, owed }: { owes: string; owed: string },
  acknowledged: string[],
): Promise<string[]> {
  const { rows } = await world.admin.query<{ bundle: string; net: bigint; listed: boolean }>(
    `SELECT t.bundle, sum(CASE t.book_id WHEN $1 THEN t.amount_minor ELSE -t.amount_minor END)::bigint
         AS net,
       array_agg((t.book_id, t.seq)::text ORDER BY t.book_id, t.seq) = (
         SELECT array_agg((b.book_id, b.seq)::text ORDER BY b.book_id, b.seq)
         FROM bundles b WHERE b.id = t.bundle) AS listed
     FROM transactions t WHERE t.book_id IN ($1, $2) AND t.bundle IS NOT NULL GROUP BY t.bundle`,
    [owes, owed],
  )
  const stored = new Set(rows.map(({ bundle }) => bundle))
  return [
    ...rows
      .filter(({ net }) => net !== BigInt(paidMinor))
      .map(({ bundle, net }) => `bundle ${bundle} moved ${net} instead of ${paidMinor}`),
    ...rows
      .filter(({ listed }) => !listed)
      .map(({ bundle }) => `bundle ${bundle} is not all there`),
    ...acknowledged
      .filter((bundle) => !stored.has(bundle))
      .map((bundle) => `bundle ${bundle} was acknowledged and is not there`),
    ...(stored.size === acknowledged.length
      ? []
      : [`${stored.size} bundles for ${acknowledged.length} payments`]),
  ]
}

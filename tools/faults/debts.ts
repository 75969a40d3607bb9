// Debts to play with: made over HTTP like everybody's, and loaded by many clients at once.
import { randomUUID } from 'node:crypto'
import type { Random } from '../demo/random.ts'
import type { Call, Reply } from './http-call.ts'
import type { Client, Intent } from './ledger-client.ts'
import type { Signed, World } from './world.ts'

export const currency = 'EUR'
export const eur = (minor: bigint | number) => ({ minor: String(minor), currency })

export interface Debt {
  id: string
  lender: Signed
  borrower: Signed
}

/** Posts under a fresh key and insists on an answer. */
export async function post(
  call: Call,
  who: { token: string } | undefined,
  path: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<Reply> {
  const ending = await call({
    method: 'POST',
    path,
    token: who?.token,
    headers: { 'idempotency-key': randomUUID(), ...headers },
    body: JSON.stringify(body),
  })
  if ('broken' in ending) throw new Error(`POST ${path}: ${ending.broken}`)
  return ending.reply
}

export async function get(call: Call, who: { token: string }, path: string): Promise<Reply> {
  const ending = await call({ method: 'GET', path, token: who.token })
  if ('broken' in ending) throw new Error(`GET ${path}: ${ending.broken}`)
  return ending.reply
}

export function parsed(reply: Reply): Record<string, unknown> {
  return JSON.parse(reply.text) as Record<string, unknown>
}

/** A debt that the borrower has accepted. Goes past the proxies. */
export async function openDebt(world: World, minor = 1_000_000n): Promise<Debt> {
  const lender = await world.person('Ana')
  const borrower = await world.person('Bo')
  const opened = await post(world.callDirectly, lender, '/v1/debts', {
    role: 'lender',
    counterparty: { email: borrower.email },
    opening: eur(minor),
    description: 'flat',
  })
  if (opened.status !== 201) throw new Error(`opening a debt answered ${opened.text}`)
  const id = String(parsed(opened)['id'])
  const accepted = await post(world.callDirectly, borrower, `/v1/debts/${id}/accept`)
  if (accepted.status !== 200) throw new Error(`accepting it answered ${accepted.text}`)
  return { id, lender, borrower }
}

export const openDebts = (world: World, count: number) =>
  Promise.all(Array.from({ length: count }, () => openDebt(world)))

/** The n-th effect of a run: the borrower borrows more, or the lender is repaid. Both post at once. */
export function intentOf(debts: Debt[], n: number, random: Random, prefix: string): Intent {
  const debt = debts[n % debts.length]
  if (debt === undefined) throw new Error('no debts to write to')
  const advance = random.chance(0.6)
  const who = advance ? debt.borrower : debt.lender
  return {
    name: `${prefix}-${n}`,
    debtId: debt.id,
    userId: who.userId,
    token: who.token,
    body: { kind: advance ? 'advance' : 'repayment', amount: eur(random.whole(1, 500)) },
  }
}

/** `clients` write `count` effects, each taking the next when it has finished one. */
export async function load(options: {
  client: Client
  debts: Debt[]
  count: number
  clients: number
  random: Random
  prefix: string
  /** Asked before each effect: false ends the load early. */
  goOn?: () => boolean
}): Promise<void> {
  const { client, debts, count, clients, random, prefix, goOn = () => true } = options
  let next = 0
  const work = async () => {
    while (next < count && goOn()) {
      const n = next
      next += 1
      await client.enter(intentOf(debts, n, random, prefix))
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
}

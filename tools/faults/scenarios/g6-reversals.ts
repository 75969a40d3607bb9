// G6: each entry is undone twice at the same time. One of the two has the effect.
import { type Debt, eur, get, intentOf, openDebts, parsed, post } from '../debts.ts'
import { audit } from '../audit.ts'
import { makeLedgerClient } from '../ledger-client.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { Signed, World } from '../world.ts'

const hotDebts = 4

interface Undoable {
  debt: Debt
  seq: number
  kind: string
  minor: string
  /** Whose reversal posts at once, because it worsens only their own position. */
  by: Signed
}

export const reversals: Scenario = {
  id: 'G6',
  what: 'each entry reversed twice at once: one yes, one no, and the sums are those of the beginning',
  needs: 'any',
  async play(world, run) {
    const count = run.short ? 60 : 500
    const real = await undoAll(world, run, count, reverse)
    const twin = await undoAll(world, run, 20, correctByHand)
    return {
      figures: { entries: count, yes: real.yes, no: real.no, offBalance: real.offBalance },
      faults: [
        ...(real.yes === count && real.no === count ? [] : [`${real.yes} yes and ${real.no} no`]),
        ...(real.offBalance === 0 ? [] : [`${real.offBalance} debts are off balance`]),
        ...real.offences,
      ],
      struck: count,
      twinCaught: twin.offBalance > 0,
    }
  },
}

type Undo = (world: World, entry: Undoable) => Promise<boolean>

async function undoAll(world: World, run: Run, count: number, undo: Undo) {
  const debts = await openDebts(world, hotDebts)
  const before = await balancesOf(world, debts)
  const entries = await enterAll(world, run, debts, count)
  const answers = await Promise.all(
    entries.map((entry) => Promise.all([undo(world, entry), undo(world, entry)])),
  )
  const yes = answers.flat().filter(Boolean).length
  const after = await balancesOf(world, debts)
  const offences = await audit(
    world.admin,
    debts.map(({ id }) => id),
  )
  return {
    yes,
    no: answers.length * 2 - yes,
    offBalance: after.filter((balance, index) => balance !== before[index]).length,
    offences: offences.map(({ what }) => what),
  }
}

async function enterAll(world: World, { random }: Run, debts: Debt[], count: number) {
  const client = makeLedgerClient({ call: world.callDirectly, random })
  const entries: Undoable[] = []
  for (let n = 0; n < count; n += 1) {
    const intent = intentOf(debts, n, random, 'undone')
    const { seq } = await client.enter(intent)
    const debt = debts[n % debts.length]
    if (seq === undefined || debt === undefined) throw new Error(`${intent.name} was not entered`)
    const { kind, amount } = intent.body
    const by = kind === 'advance' ? debt.lender : debt.borrower
    entries.push({ debt, seq, kind, minor: amount.minor, by })
  }
  return entries
}

const balancesOf = (world: World, debts: Debt[]) =>
  Promise.all(
    debts.map(async ({ id, lender }) => {
      const debt = parsed(await get(world.callDirectly, lender, `/v1/debts/${id}`))
      return (debt['balance'] as { minor: string }).minor
    }),
  )

const reverse: Undo = async (world, { debt, seq, by }) => {
  const path = `/v1/debts/${debt.id}/transactions/${seq}/reverse`
  const reply = await post(world.callDirectly, by, path, {})
  if (reply.status === 201) return true
  if (reply.status === 409) return false
  throw new Error(`a reversal answered ${reply.status} ${reply.text}`)
}

/** The broken twin: looks whether it is still there, then enters the opposite. */
const correctByHand: Undo = async (world, { debt, seq, kind, minor, by }) => {
  const path = `/v1/debts/${debt.id}/transactions`
  const seen = parsed(await get(world.callDirectly, by, `${path}/${seq}`))
  if (seen['status'] !== 'posted') return false
  const opposite = kind === 'advance' ? 'repayment' : 'advance'
  await post(world.callDirectly, by, path, { kind: opposite, amount: eur(BigInt(minor)) })
  return true
}

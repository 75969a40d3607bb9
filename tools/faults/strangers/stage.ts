// Two people with something between them, and everybody who has no business there.
import { randomBytes, randomUUID } from 'node:crypto'
import { type Debt, eur, openDebt, parsed, post } from '../debts.ts'
import type { Signed, World } from '../world.ts'
import type { Thing } from './policies.ts'

/** Somebody who must not get in, and the status that says so. */
export interface Intruder {
  name: string
  token: string | undefined
}

export interface Stage {
  debt: Debt
  /** A value of each thing that the lender and the borrower share or own. */
  own: Record<Thing, string>
  /** Words, names, addresses and ids of theirs: none may reach anybody else. */
  canaries: string[]
}

export interface Crowd {
  /** Nobody's token, or one that is not good: 401 everywhere behind the sign-in. */
  unknown: Intruder[]
  /** Signed in well, and no party. */
  stranger: Signed
}

/** A debt with a pending entry, and another one with an invitation. */
export async function setStage(world: World): Promise<Stage> {
  const debt = await openDebt(world)
  const { callDirectly: call } = world
  const canary = `canary ${randomUUID()}`
  const entry = { kind: 'advance', amount: eur(77), note: canary }
  await post(call, debt.lender, `/v1/debts/${debt.id}/transactions`, entry)
  const offered = await post(call, debt.lender, '/v1/debts', {
    role: 'lender',
    counterparty: { name: 'Zoe' },
    opening: eur(5_000),
    description: canary,
  })
  const offeredId = String(parsed(offered)['id'])
  const invited = await post(call, debt.lender, `/v1/debts/${offeredId}/invitations`, {})
  const { id: invitation, token } = parsed(invited)
  const { lender, borrower } = debt
  return {
    debt,
    own: {
      debt: debt.id,
      offered: offeredId,
      seq: '3',
      invitation: String(invitation),
      person: borrower.userId,
      session: lender.sessionId,
      capability: String(token),
    },
    canaries: [canary, debt.id, offeredId, lender.userId, borrower.userId, lender.email],
  }
}

/** Everybody who tries. */
export async function gatherCrowd(world: World): Promise<Crowd> {
  const stranger = await world.person('Eve')
  const ended = await world.person('Gone')
  await world.admin.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [ended.sessionId])
  const yesterdayMs = Date.now() - 86_400_000
  return {
    stranger,
    unknown: [
      { name: 'nobody', token: undefined },
      { name: 'junk', token: 'junk' },
      { name: 'forged', token: await world.sign(stranger, { seed: randomBytes(32) }) },
      { name: 'expired', token: await world.sign(stranger, { atMs: yesterdayMs }) },
      { name: 'ended', token: ended.token },
    ],
  }
}

/** The same thing, of nobody. */
export const nobodys = (): Record<Thing, string> => ({
  debt: randomUUID(),
  offered: randomUUID(),
  seq: '99',
  invitation: randomUUID(),
  person: randomUUID(),
  session: randomUUID(),
  capability: randomBytes(32).toString('base64url'),
})

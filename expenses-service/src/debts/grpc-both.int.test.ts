import { randomUUID } from 'node:crypto'
import { type AnswerEntryRequest, verdictNumbers } from '@quits/proto/ledger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  as,
  entryOf,
  euros,
  type LedgerScene,
  openingFor,
  refusalOf,
  setLedgerScene,
} from '../testing/ledger-client.ts'
import { overHttp, type Twins } from '../testing/over-both.ts'

let scene: LedgerScene

beforeAll(async () => {
  scene = await setLedgerScene()
})
afterAll(() => scene.close())

/** An entry of Ana's that waits for Bo. */
const waiting = async (): Promise<{ debtId: string; seq: number }> => {
  const debtId = await scene.openDebt()
  const asked = entryOf(debtId, 'advance', '70')
  const { entry } = await scene.client.call('EnterEntry', asked, as(scene.ana))
  return { debtId, seq: entry.seq }
}
const offered = async () => {
  const opening = { ...openingFor(scene.bo), counterparty: { name: 'Cousin Lee' } }
  const { debt } = await scene.client.call('OpenDebt', opening, as(scene.ana))
  const asked = { idempotencyKey: randomUUID(), debtId: debt.id }
  return scene.client.call('Invite', asked, as(scene.ana))
}
const debtOf = (debt: Record<string, unknown>) => ({ debt: { id: debt['id'] } })
const entryLike = ({ seq, hash, status }: Record<string, unknown>) => ({
  entry: { seq, hash, status },
})

/** Every command that has a key. */
const commands: Record<string, () => Promise<Twins>> = {
  async OpenDebt() {
    const { idempotencyKey, ...body } = openingFor(scene.bo)
    expect(idempotencyKey).toBeTruthy()
    return {
      who: scene.ana,
      path: '/v1/debts',
      body,
      overGrpc: (key) =>
        scene.client.call('OpenDebt', { ...body, idempotencyKey: key }, as(scene.ana)),
      same: debtOf,
    }
  },
  async AnswerDebt() {
    const { debt } = await scene.client.call('OpenDebt', openingFor(scene.bo), as(scene.ana))
    const answer = { debtId: debt.id, verdict: verdictNumbers.accept }
    return {
      who: scene.bo,
      path: `/v1/debts/${debt.id}/accept`,
      body: {},
      overGrpc: (key) =>
        scene.client.call('AnswerDebt', { ...answer, idempotencyKey: key }, as(scene.bo)),
      same: debtOf,
    }
  },
  async EnterEntry() {
    const debtId = await scene.openDebt()
    const body = { kind: 'repayment', amount: euros('4100'), note: 'cash', surplus: 'debt' }
    return {
      who: scene.ana,
      path: `/v1/debts/${debtId}/transactions`,
      body,
      overGrpc: (key) =>
        scene.client.call('EnterEntry', { ...body, debtId, idempotencyKey: key }, as(scene.ana)),
      same: entryLike,
    }
  },
  async AnswerEntry() {
    const place = await waiting()
    const body = { reason: 'it was less', amount: euros('7') }
    const answer: Omit<AnswerEntryRequest, 'idempotencyKey'> = {
      ...place,
      verdict: verdictNumbers.decline,
      reason: body.reason,
      suggested: body.amount,
    }
    return {
      who: scene.bo,
      path: `/v1/debts/${place.debtId}/transactions/${place.seq}/decline`,
      body,
      overGrpc: (key) =>
        scene.client.call('AnswerEntry', { ...answer, idempotencyKey: key }, as(scene.bo)),
      same: entryLike,
    }
  },
  async ReverseEntry() {
    const debtId = await scene.openDebt()
    const reason = 'never happened'
    return {
      who: scene.ana,
      path: `/v1/debts/${debtId}/transactions/1/reverse`,
      body: { reason },
      overGrpc: (key) => {
        const asked = { debtId, seq: 1, reason, idempotencyKey: key }
        return scene.client.call('ReverseEntry', asked, as(scene.ana))
      },
      same: entryLike,
    }
  },
  async AmendEntry() {
    const debtId = await scene.openDebt()
    const body = { amount: euros('400'), note: 'one zero too many', reason: 'a slip' }
    return {
      who: scene.ana,
      path: `/v1/debts/${debtId}/transactions/1/amend`,
      body,
      overGrpc: (key) => {
        const asked = { ...body, debtId, seq: 1, idempotencyKey: key }
        return scene.client.call('AmendEntry', asked, as(scene.ana))
      },
      same: entryLike,
    }
  },
  async PayPerson() {
    await scene.openDebt()
    const body = { from: 'them', amount: euros('5'), note: 'coffee' }
    return {
      who: scene.ana,
      path: `/v1/people/${scene.bo.id}/payments`,
      body,
      overGrpc: (key) => {
        const asked = { ...body, personId: scene.bo.id, idempotencyKey: key }
        return scene.client.call('PayPerson', asked, as(scene.ana))
      },
      same: ({ bundle, status }) => ({ bundle, status }),
    }
  },
  async Invite() {
    const { invitation } = await offered()
    const { debtId } = invitation
    return {
      who: scene.ana,
      path: `/v1/debts/${debtId}/invitations`,
      body: {},
      overGrpc: (key) =>
        scene.client.call('Invite', { debtId, idempotencyKey: key }, as(scene.ana)),
      same: ({ token, link }) => ({ token, link }),
    }
  },
  async AcceptInvitation() {
    const { token } = await offered()
    const { seq, hash } = await scene.client.call(
      'ShowInvitation',
      { token },
      { deadlineMs: 5_000 },
    )
    return {
      who: scene.eve,
      path: `/v1/invitations/${token}/accept`,
      body: { seq, hash },
      overGrpc: (key) => {
        const asked = { token, seq, hash, idempotencyKey: key }
        return scene.client.call('AcceptInvitation', asked, as(scene.eve))
      },
      same: debtOf,
    }
  },
  async DeclineInvitation() {
    const { token } = await offered()
    return {
      who: scene.eve,
      path: `/v1/invitations/${token}/decline`,
      body: {},
      overGrpc: (key) =>
        scene.client.call('DeclineInvitation', { token, idempotencyKey: key }, as(scene.eve)),
      same: () => ({}),
    }
  },
}

const replayed = (reply: { headers: Headers }) => reply.headers.get('idempotency-replayed')

test.each(Object.entries(commands))('%s: what HTTP did is the answer to gRPC', async (_, make) => {
  const twins = await make()
  const key = randomUUID()
  const first = await overHttp(scene.service, twins, key)
  expect([200, 201]).toContain(first.status)
  expect(replayed(first)).toBeNull()
  const second = await twins.overGrpc(key)
  expect(second).toMatchObject({ ...twins.same(first.body), replayed: true })
})

test.each(Object.entries(commands))('%s: what gRPC did is the answer to HTTP', async (_, make) => {
  const twins = await make()
  const key = randomUUID()
  const first = await twins.overGrpc(key)
  expect(first.replayed).toBe(false)
  const second = await overHttp(scene.service, twins, key)
  expect([200, 201]).toContain(second.status)
  expect(replayed(second)).toBe('true')
  expect(first).toMatchObject(twins.same(second.body))
})

test('the checks can fail: under another key it is another command', async () => {
  const twins = await commands['EnterEntry']?.()
  if (twins === undefined) throw new Error('no such command')
  await overHttp(scene.service, { ...twins, body: { kind: 'advance', amount: euros('1') } }, 'a')
  expect((await twins.overGrpc('b')).replayed).toBe(false)
  expect((await refusalOf(twins.overGrpc('a'))).code).toBe('idempotency_key_reused')
})

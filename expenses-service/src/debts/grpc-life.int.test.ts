import { randomUUID } from 'node:crypto'
import { verdictNumbers } from '@quits/proto/ledger'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  as,
  collect,
  entryOf,
  euros,
  type LedgerScene,
  openingFor,
  refusalOf,
  setLedgerScene,
} from '../testing/ledger-client.ts'

let scene: LedgerScene

beforeAll(async () => {
  scene = await setLedgerScene()
})
afterAll(() => scene.close())

const keyed = () => ({ idempotencyKey: randomUUID() })
const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code

describe('the life of a debt', () => {
  test('words and due date change at the version that was read; an empty one goes', async () => {
    const { client, ana, bo } = scene
    const debtId = await scene.openDebt()
    const { version } = await client.call('GetDebt', { debtId }, as(ana))
    const wish = { debtId, description: 'rent', dueOn: '2027-01-31', category: 'home' }
    expect(await codeOf(client.call('ChangeDebt', wish, as(ana)))).toBe('precondition_required')
    const changed = await client.call('ChangeDebt', { ...wish, ifVersion: version }, as(ana))
    expect(changed).toMatchObject({ description: 'rent', dueOn: '2027-01-31', category: 'home' })
    const stale = client.call('ChangeDebt', { ...wish, ifVersion: version }, as(bo))
    expect(await codeOf(stale)).toBe('version_conflict')
    const less = { debtId, ifVersion: changed.version, dueOn: '', category: '' }
    const emptied = await client.call('ChangeDebt', less, as(ana))
    expect(emptied.description).toBe('rent')
    expect([emptied.dueOn, emptied.category]).toEqual([undefined, undefined])
    const nothing = client.call('ChangeDebt', { debtId, ifVersion: emptied.version }, as(ana))
    expect(await codeOf(nothing)).toBe('invalid_request')
  })

  test('a debt is put away for oneself, and taken back out', async () => {
    const { client, ana, bo } = scene
    const debtId = await scene.openDebt()
    expect((await client.call('ArchiveDebt', { debtId }, as(ana))).archived).toBe(true)
    expect((await client.call('GetDebt', { debtId }, as(bo))).archived).toBe(false)
    expect((await client.call('UnarchiveDebt', { debtId }, as(ana))).archived).toBe(false)
  })

  test('an entry is amended, and another undone', async () => {
    const { client, ana } = scene
    const debtId = await scene.openDebt()
    const { entry } = await client.call('EnterEntry', entryOf(debtId, 'repayment', '10'), as(ana))
    const more = { ...keyed(), debtId, seq: entry.seq, amount: euros('100'), ifVersion: 1 }
    expect(await codeOf(client.call('AmendEntry', more, as(ana)))).toBe('version_conflict')
    const { ifVersion, ...amending } = more
    expect(ifVersion).toBe(1)
    const { entry: amended } = await client.call('AmendEntry', amending, as(ana))
    expect(amended).toMatchObject({ status: 'posted', amount: euros('100') })
    expect((await client.call('GetDebt', { debtId }, as(ana))).balance).toEqual(euros('3900'))
    const undone = { ...keyed(), debtId, seq: amended.seq, reason: 'never happened' }
    const { entry: reversal } = await client.call('ReverseEntry', undone, as(ana))
    expect(reversal).toMatchObject({
      kind: 'reversal',
      reverses: amended.seq,
      reason: 'never happened',
    })
  })

  test('too much paid back opens a debt the other way when asked to', async () => {
    const { client, ana } = scene
    const debtId = await scene.openDebt()
    const paid = entryOf(debtId, 'repayment', '4200')
    expect(await codeOf(client.call('EnterEntry', paid, as(ana)))).toBe('overpayment')
    await client.call('EnterEntry', { ...paid, surplus: 'debt' }, as(ana))
    const debts = await collect(client.stream('ListDebts', { role: 'borrower' }, as(ana)))
    expect(debts.map(({ balance }) => balance)).toEqual([euros('200')])
  })
})

describe('between two people', () => {
  test('one payment clears what is between them, and not more', async () => {
    const { client, ana } = scene
    const zoe = await scene.service.signUp('Zoe')
    const opening = { ...openingFor(ana), role: 'borrower' }
    await client.call('OpenDebt', { ...opening, opening: euros('30') }, as(zoe))
    await client.call('OpenDebt', { ...opening, ...keyed(), opening: euros('5') }, as(zoe))
    const debts = await collect(client.stream('ListDebts', {}, as(zoe)))
    const answers = debts.map(({ id }) => ({
      ...keyed(),
      debtId: id,
      verdict: verdictNumbers.accept,
    }))
    await client.call('AnswerDebts', { answers }, as(ana))
    const pay = { ...keyed(), personId: zoe.id, from: 'them', amount: euros('36') }
    expect(await refusalOf(client.call('PayPerson', pay, as(ana)))).toMatchObject({
      code: 'overpayment',
      problem: { remaining: euros('35') },
    })
    const all = { ...pay, amount: euros('35') }
    const payment = await client.call('PayPerson', all, as(ana))
    expect(payment).toMatchObject({ status: 'posted', replayed: false })
    expect(payment.entries).toHaveLength(2)
    const { person } = await client.call('GetPerson', { personId: zoe.id }, as(ana))
    expect(person.balances.map(({ net }) => net)).toEqual(['0'])
  })

  test('standing consent posts at once, and a block has to be said', async () => {
    const { client, ana, bo } = scene
    const debtId = await scene.openDebt()
    const upTo = { mode: 'upTo', amount: euros('100') }
    const given = await client.call('SetConsent', { personId: ana.id, consent: upTo }, as(bo))
    expect(given).toMatchObject(upTo)
    const { entry } = await client.call('EnterEntry', entryOf(debtId, 'advance', '99'), as(ana))
    expect(entry.status).toBe('posted')
    const none = client.call('SetConsent', { personId: ana.id, consent: null }, as(bo))
    expect(await codeOf(none)).toBe('invalid_request')
    expect(await codeOf(client.call('SetBlock', { personId: ana.id }, as(bo)))).toBe(
      'invalid_request',
    )
    const block = { personId: ana.id, blocked: true }
    expect((await client.call('SetBlock', block, as(bo))).blocked).toBe(true)
    expect((await client.call('GetPerson', { personId: ana.id }, as(bo))).person?.blocked).toBe(
      true,
    )
    await client.call('SetBlock', { ...block, blocked: false }, as(bo))
    await client.call('SetConsent', { personId: ana.id, consent: { mode: 'ask' } }, as(bo))
  })
})

describe('invitations', () => {
  const invite = async () => {
    const opening = { ...openingFor(scene.bo), counterparty: { name: 'Cousin Lee' } }
    const { debt } = await scene.client.call('OpenDebt', opening, as(scene.ana))
    return scene.client.call('Invite', { ...keyed(), debtId: debt.id }, as(scene.ana))
  }
  const nobody = { deadlineMs: 5_000 }

  test('whoever holds the link takes the seat, at the place that they read', async () => {
    const { client, ana, eve } = scene
    const { token, invitation } = await invite()
    const read = await client.call('ShowInvitation', { token }, nobody)
    await client.call('EnterEntry', entryOf(invitation.debtId, 'repayment', '1'), as(ana))
    const old = { ...keyed(), token, seq: read.seq, hash: read.hash }
    expect(await codeOf(client.call('AcceptInvitation', old, as(eve)))).toBe('version_conflict')
    const { seq, hash } = await client.call('ShowInvitation', { token }, nobody)
    const { debt } = await client.call('AcceptInvitation', { ...old, seq, hash }, as(eve))
    expect(debt).toMatchObject({ role: 'borrower', counterparty: { userId: ana.id } })
    const spent = client.stream('ListInvitedEntries', { token }, nobody)
    expect(await codeOf(collect(spent))).toBe('not_found')
  })

  test('a link that was revoked or declined shows nothing any more', async () => {
    const { client, ana, eve } = scene
    const one = await invite()
    const { debtId, id: invitationId } = one.invitation
    await client.call('RevokeInvitation', { debtId, invitationId }, as(ana))
    const two = await invite()
    await client.call('DeclineInvitation', { ...keyed(), token: two.token }, as(eve))
    for (const { token } of [one, two]) {
      expect(await codeOf(client.call('ShowInvitation', { token }, nobody))).toBe('not_found')
    }
    const missing = { idempotencyKey: '', token: two.token }
    expect(await codeOf(client.call('DeclineInvitation', missing, as(eve)))).toBe(
      'idempotency_key_missing',
    )
  })
})

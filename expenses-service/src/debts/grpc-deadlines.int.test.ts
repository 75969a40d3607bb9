import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
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

describe('deadlines', () => {
  /** Holds the book's row while `act` waits for it. */
  const whileLocked = async (debtId: string, act: () => Promise<unknown>) => {
    const holder = await scene.service.admin.connect()
    try {
      await holder.query('BEGIN')
      await holder.query('SELECT FROM books WHERE book_id = $1 FOR UPDATE', [debtId])
      await act()
    } finally {
      await holder.query('ROLLBACK')
      holder.release()
    }
  }
  // The turns that waited are over when a later command of the same book is.
  const afterwards = async (debtId: string) => {
    await scene.client.call('EnterEntry', entryOf(debtId, 'repayment', '2'), as(scene.ana))
    return scene.rowsOf(debtId)
  }
  const shortMs = 300

  test('a command that was not decided in time is not carried out', async () => {
    const id = await scene.openDebt()
    await whileLocked(id, async () => {
      const late = scene.client.call(
        'EnterEntry',
        entryOf(id, 'repayment', '1'),
        as(scene.ana, shortMs),
      )
      expect((await refusalOf(late)).status).toBe(status.DEADLINE_EXCEEDED)
    })
    expect(await afterwards(id)).toBe(3)
  })

  test('of many, and of corrections and payments, it is the same', async () => {
    const id = await scene.openDebt()
    const late = as(scene.ana, shortMs)
    const key = () => ({ idempotencyKey: randomUUID() })
    const payment = { ...key(), personId: scene.bo.id, from: 'them', amount: euros('1') }
    await whileLocked(id, async () => {
      const calls = [
        scene.client.call('EnterEntries', { entries: [entryOf(id, 'repayment', '1')] }, late),
        scene.client.call('ReverseEntry', { ...key(), debtId: id, seq: 1 }, late),
        scene.client.call('PayPerson', payment, late),
      ]
      for (const refusal of await Promise.all(calls.map(refusalOf))) {
        expect(refusal.status).toBe(status.DEADLINE_EXCEEDED)
      }
    })
    expect(await afterwards(id)).toBe(3)
  })

  test('words stay as they are, and nobody is invited', async () => {
    const { client, ana, bo } = scene
    const opening = { ...openingFor(bo), counterparty: { name: 'Cousin Lee' } }
    const { debt } = await client.call('OpenDebt', opening, as(ana))
    const { id: debtId, version: ifVersion } = debt
    await whileLocked(debtId, async () => {
      const late = as(ana, shortMs)
      const invited = { idempotencyKey: randomUUID(), debtId }
      const calls = [
        client.call('ChangeDebt', { debtId, ifVersion, description: 'too late' }, late),
        client.call('Invite', invited, late),
      ]
      for (const refusal of await Promise.all(calls.map(refusalOf))) {
        expect(refusal.status).toBe(status.DEADLINE_EXCEEDED)
      }
    })
    // It waits for the same lock, behind those two.
    const changed = { debtId, ifVersion, dueOn: '2027-01-01' }
    expect(await client.call('ChangeDebt', changed, as(ana))).toMatchObject({
      description: 'groceries',
      dueOn: '2027-01-01',
    })
    expect(await collect(client.stream('ListInvitations', { debtId }, as(ana)))).toEqual([])
  })

  /** What a late call waits for, and what it must leave as it is. */
  const rowsOf = {
    memberships: 'SELECT archived_at FROM memberships WHERE user_id = $1',
    relations: 'SELECT consent, blocked FROM relations WHERE user_id = $1',
    invitations: 'SELECT answer, revoked_at FROM invitations WHERE invited_by = $1',
  }

  test('what is for oneself, between two people or about a link stays as it is', async () => {
    const { client, service, ana, bo, eve } = scene
    const debtId = await scene.openDebt()
    const personId = bo.id
    await client.call('SetConsent', { personId, consent: { mode: 'ask' } }, as(ana))
    const alone = { ...openingFor(bo), counterparty: { name: 'Cousin Lee' } }
    const { debt } = await client.call('OpenDebt', alone, as(ana))
    const invited = { idempotencyKey: randomUUID(), debtId: debt.id }
    const { invitation, token } = await client.call('Invite', invited, as(ana))
    const revoked = { debtId: debt.id, invitationId: invitation.id }
    const always = { personId, consent: { mode: 'always' } }
    const no = { idempotencyKey: randomUUID(), token }
    const [late, lateEve] = [as(ana, shortMs), as(eve, shortMs)]
    const calls: [keyof typeof rowsOf, () => Promise<unknown>][] = [
      ['memberships', () => client.call('ArchiveDebt', { debtId }, late)],
      ['relations', () => client.call('SetConsent', always, late)],
      ['relations', () => client.call('SetBlock', { personId, blocked: true }, late)],
      ['invitations', () => client.call('RevokeInvitation', revoked, late)],
      ['invitations', () => client.call('DeclineInvitation', no, lateEve)],
    ]
    const holder = await service.admin.connect()
    for (const [table, call] of calls) {
      const before = await service.admin.query(rowsOf[table], [ana.id])
      await holder.query('BEGIN')
      await holder.query(`${rowsOf[table]} FOR UPDATE`, [ana.id])
      expect((await refusalOf(call())).status).toBe(status.DEADLINE_EXCEEDED)
      // On the same connection, behind the word that the caller has left: the service knows it now.
      await client.call('GetDebt', { debtId }, as(ana))
      await holder.query('ROLLBACK')
      // Behind whoever waited for the rows: what they did is done by then.
      await holder.query('BEGIN')
      await holder.query(`${rowsOf[table]} FOR UPDATE`, [ana.id])
      await holder.query('COMMIT')
      const after = await service.admin.query(rowsOf[table], [ana.id])
      expect([table, after.rows]).toEqual([table, before.rows])
    }
    holder.release()
    // Broken twin: asked in time, each of them changes its rows.
    await client.call('ArchiveDebt', { debtId }, as(ana))
    await client.call('DeclineInvitation', no, as(eve))
    const archived = await service.admin.query(`${rowsOf.memberships} AND book_id = $2`, [
      ana.id,
      debtId,
    ])
    expect(archived.rows[0]?.archived_at).not.toBeNull()
  })

  test('the check can fail: HTTP has no deadline, and its command is carried out', async () => {
    const id = await scene.openDebt()
    await whileLocked(id, async () => {
      const impatient = fetch(`${scene.service.url}/v1/debts/${id}/transactions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${scene.ana.accessToken}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({ kind: 'repayment', amount: euros('1') }),
        signal: AbortSignal.timeout(shortMs),
      })
      await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' })
    })
    expect(await afterwards(id)).toBe(4)
  })

  test('a deadline that has passed already reaches nobody', async () => {
    const id = await scene.openDebt()
    const late = scene.client.call('EnterEntry', entryOf(id, 'repayment', '1'), as(scene.ana, -1))
    expect((await refusalOf(late)).status).toBe(status.DEADLINE_EXCEEDED)
    expect(await afterwards(id)).toBe(3)
  })

  test('who stops reading a list ends it', async () => {
    await scene.openDebt()
    for await (const debt of scene.client.stream('ListDebts', {}, as(scene.ana))) {
      expect(debt.id).toBeTruthy()
      break
    }
    expect((await scene.client.call('GetSummary', {}, as(scene.ana))).currencies).not.toEqual([])
  })
})

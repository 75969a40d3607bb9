import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
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

describe('refusals', () => {
  test('carry status, code and problem document of the one catalogue', async () => {
    const id = await scene.openDebt()
    expect(
      await refusalOf(
        scene.client.call('EnterEntry', entryOf(id, 'repayment', '4001'), as(scene.ana)),
      ),
    ).toEqual({
      status: status.FAILED_PRECONDITION,
      code: 'overpayment',
      problem: {
        type: '/problems/overpayment',
        status: 422,
        code: 'overpayment',
        title: 'That is more than is owed.',
        remaining: euros('4000'),
      },
    })
    const stale = { ...entryOf(id, 'repayment', '1'), ifVersion: 1 }
    expect((await refusalOf(scene.client.call('EnterEntry', stale, as(scene.ana)))).code).toBe(
      'version_conflict',
    )
    const none = { idempotencyKey: randomUUID(), debtId: id, verdict: 0 }
    expect((await refusalOf(scene.client.call('AnswerDebt', none, as(scene.ana)))).code).toBe(
      'invalid_request',
    )
    expect(await scene.rowsOf(id)).toBe(2)
  })

  test('nobody gets in without a token, with a junk one, or after signing out', async () => {
    const gone = await scene.service.signUp('Gone')
    await scene.service.ask('POST', '/v1/auth/logout', { token: gone.accessToken, body: {} })
    const junk = { ...gone, accessToken: 'junk' }
    const askings = [{ deadlineMs: 5_000 }, as(junk), as(gone)]
    for (const asking of askings) {
      const refusals = await Promise.all([
        refusalOf(scene.client.call('OpenDebt', openingFor(scene.bo), asking)),
        refusalOf(scene.client.call('GetSummary', {}, asking)),
        refusalOf(collect(scene.client.stream('ListDebts', {}, asking))),
      ])
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: status.UNAUTHENTICATED, code: 'unauthenticated' })
      }
    }
  })

  test('somebody else’s debt looks like one that is not there, to every method', async () => {
    const theirs = await scene.openDebt()
    const key = () => ({ idempotencyKey: randomUUID() })
    const attempts = (debtId: string) => [
      scene.client.call('GetDebt', { debtId }, as(scene.eve)),
      collect(scene.client.stream('ListEntries', { debtId }, as(scene.eve))),
      scene.client.call('EnterEntry', entryOf(debtId, 'repayment', '1'), as(scene.eve)),
      ...Object.values(verdictNumbers).flatMap((verdict) => [
        scene.client.call('AnswerDebt', { ...key(), debtId, verdict }, as(scene.eve)),
        scene.client.call('AnswerEntry', { ...key(), debtId, seq: 1, verdict }, as(scene.eve)),
      ]),
    ]
    const seen = await Promise.all(attempts(theirs).map(refusalOf))
    const absent = await Promise.all(attempts(randomUUID()).map(refusalOf))
    expect(seen).toEqual(absent)
    expect(new Set(seen.map((one) => one.code))).toEqual(new Set(['not_found']))
    expect(await collect(scene.client.stream('ListDebts', {}, as(scene.eve)))).toEqual([])
    expect(await scene.rowsOf(theirs)).toBe(2)
    // The check can fail: its owner is not refused.
    expect((await scene.client.call('GetDebt', { debtId: theirs }, as(scene.bo))).id).toBe(theirs)
  })
})

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

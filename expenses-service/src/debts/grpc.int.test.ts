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

describe('the same use cases as HTTP', () => {
  test('a debt is opened, accepted, paid down and read, and HTTP shows the same', async () => {
    const id = await scene.openDebt()
    const paid = { ...entryOf(id, 'repayment', '1500'), note: 'cash', occurredOn: '2026-11-02' }
    const { entry: posted } = await scene.client.call('EnterEntry', paid, as(scene.ana))
    expect(posted).toMatchObject({
      seq: 3,
      status: 'posted',
      note: 'cash',
      balance: euros('2500'),
      enteredBy: scene.ana.id,
      occurredOn: '2026-11-02',
    })
    const debt = await scene.client.call('GetDebt', { debtId: id }, as(scene.bo))
    expect(debt).toMatchObject({
      role: 'borrower',
      status: 'open',
      balance: euros('2500'),
      counterparty: { name: 'Ana', userId: scene.ana.id },
    })
    const http = await scene.service.ask('GET', `/v1/debts/${id}`, { token: scene.bo.accessToken })
    expect(http.body).toMatchObject({ balance: euros('2500'), version: debt.version })
    const history = scene.client.stream('ListEntries', { debtId: id }, as(scene.bo))
    expect((await collect(history)).map(({ seq, kind }) => [seq, kind])).toEqual([
      [3, 'repayment'],
      [2, 'accepted'],
      [1, 'advance'],
    ])
  })

  test('an entry that waits is declined with a reason and what it should be', async () => {
    const id = await scene.openDebt()
    const { entry: waiting } = await scene.client.call(
      'EnterEntry',
      entryOf(id, 'advance', '900'),
      as(scene.ana),
    )
    expect(waiting.status).toBe('pending')
    const decline = {
      idempotencyKey: randomUUID(),
      debtId: id,
      seq: waiting.seq,
      verdict: verdictNumbers.decline,
      reason: 'it was less',
      suggested: euros('90'),
    }
    const { entry: declined } = await scene.client.call('AnswerEntry', decline, as(scene.bo))
    expect(declined.status).toBe('declined')
    const [newest] = await collect(
      scene.client.stream('ListEntries', { debtId: id }, as(scene.ana)),
    )
    expect(newest).toMatchObject({ resolves: 3, reason: 'it was less', suggested: euros('90') })
  })

  test('a key has one effect over both: what HTTP wrote is the answer to gRPC', async () => {
    const id = await scene.openDebt()
    const key = randomUUID()
    const http = await scene.service.ask('POST', `/v1/debts/${id}/transactions`, {
      token: scene.ana.accessToken,
      headers: { 'idempotency-key': key },
      body: { kind: 'repayment', amount: euros('100') },
    })
    expect(http.status).toBe(201)
    const again = { ...entryOf(id, 'repayment', '100'), idempotencyKey: key }
    const { entry: same, replayed } = await scene.client.call('EnterEntry', again, as(scene.ana))
    expect(replayed).toBe(true)
    expect(same).toMatchObject({ seq: http.body['seq'], hash: http.body['hash'] })
    const other = { ...again, amount: euros('101') }
    expect(await refusalOf(scene.client.call('EnterEntry', other, as(scene.ana)))).toMatchObject({
      status: status.INVALID_ARGUMENT,
      code: 'idempotency_key_reused',
    })
    expect(await scene.rowsOf(id)).toBe(3)
  })

  test('the summary is the sum of the debts, and a list narrows as over HTTP', async () => {
    const lea = await scene.service.signUp('Lea')
    for (const minor of ['100', '250']) {
      const opening = { ...openingFor(scene.bo), role: 'borrower', opening: euros(minor) }
      await scene.client.call('OpenDebt', opening, as(lea))
    }
    expect(await scene.client.call('GetSummary', {}, as(lea))).toEqual({
      currencies: [{ currency: 'EUR', owed: '0', owing: '350', pendingIn: '0', pendingOut: '0' }],
    })
    const balances = async (narrowed: object) =>
      (await collect(scene.client.stream('ListDebts', narrowed, as(lea)))).map(
        (one) => one.balance.minor,
      )
    expect(await balances({})).toEqual(['250', '100'])
    expect(await balances({ role: 'lender' })).toEqual([])
    expect(await balances({ status: 'open', currency: 'EUR' })).toEqual(['250', '100'])
  })
})

describe('many at once', () => {
  test('each item has its own outcome, in order; a refused one fails no neighbour', async () => {
    const id = await scene.openDebt()
    const entries = [
      entryOf(id, 'repayment', '4000'),
      entryOf(id, 'repayment', '1'),
      { ...entryOf(id, 'repayment', '1'), amount: euros('1.5') },
      entryOf(randomUUID(), 'repayment', '1'),
      { ...entryOf(id, 'repayment', '1'), idempotencyKey: '' },
      entryOf(id, 'advance', '700'),
    ]
    const { outcomes } = await scene.client.call('EnterEntries', { entries }, as(scene.ana))
    expect(
      outcomes.map(({ done, refused }) => refused?.code ?? [done?.entry.seq, done?.entry.status]),
    ).toEqual([
      [3, 'posted'],
      'overpayment',
      'invalid_amount',
      'not_found',
      'idempotency_key_missing',
      [4, 'pending'],
    ])
    expect(outcomes[1]?.refused?.grpcStatus).toBe(status.FAILED_PRECONDITION)
    expect(JSON.parse(outcomes[1]?.refused?.problem ?? '')).toMatchObject({
      status: 422,
      remaining: euros('0'),
    })
    const again = await scene.client.call('EnterEntries', { entries }, as(scene.ana))
    expect(again.outcomes.flatMap(({ done }) => done ?? [])).toMatchObject([
      { replayed: true, entry: { seq: 3 } },
      { replayed: true, entry: { seq: 4 } },
    ])
    expect(await scene.rowsOf(id)).toBe(4)
  })

  test('the entries of one debt keep their order, however many', async () => {
    const id = await scene.openDebt()
    const entries = Array.from({ length: 200 }, (_, index) =>
      entryOf(id, 'repayment', String(index + 1)),
    ).map((one, index) => (index < 80 ? one : { ...one, kind: 'forgiveness', amount: euros('1') }))
    const { outcomes } = await scene.client.call('EnterEntries', { entries }, as(scene.ana, 10_000))
    const seqs = outcomes.flatMap(({ done }) => done?.entry.seq ?? [])
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, index) => index + 3))
    const listed = await collect(scene.client.stream('ListEntries', { debtId: id }, as(scene.bo)))
    expect(listed.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 202 }, (_, index) => 202 - index),
    )
  })

  test('answers too, to entries and to debts', async () => {
    const { client, ana, bo } = scene
    const id = await scene.openDebt()
    const asked = ['1', '2', '3'].map((minor) => entryOf(id, 'advance', minor))
    await client.call('EnterEntries', { entries: asked }, as(ana))
    const { accept, decline, withdraw } = verdictNumbers
    const answer = (seq: number, verdict: number) => ({
      idempotencyKey: randomUUID(),
      debtId: id,
      seq,
      verdict,
    })
    const answers = [
      answer(3, accept),
      { ...answer(4, decline), reason: 'it was less', suggested: euros('1') },
      answer(3, decline),
      answer(99, accept),
      answer(5, withdraw),
      { ...answer(5, accept), debtId: randomUUID() },
      answer(5, 9),
      answer(5, accept),
    ]
    const { outcomes } = await client.call('AnswerEntries', { answers }, as(bo))
    expect(
      outcomes.map(({ done, refused }) => refused?.code ?? [done?.entry.seq, done?.entry.status]),
    ).toEqual([
      [3, 'posted'],
      [4, 'declined'],
      'already_answered',
      'not_found',
      'not_yours_to_answer',
      'not_found',
      'invalid_request',
      [5, 'posted'],
    ])
    const debts = [openingFor(bo), openingFor(bo), openingFor(bo)]
    const opened = await client.call('OpenDebts', { debts }, as(ana))
    const ids = opened.outcomes.map(({ done }) => done?.debt.id ?? '')
    const [first = '', second = '', third = ''] = ids
    const verdict = (debtId: string, number: number) => ({
      idempotencyKey: randomUUID(),
      debtId,
      verdict: number,
    })
    const whole = [verdict(first, accept), verdict(second, withdraw), verdict(third, decline)]
    const told = await client.call('AnswerDebts', { answers: whole }, as(bo))
    expect(told.outcomes.map(({ done, refused }) => refused?.code ?? done?.debt.status)).toEqual([
      'open',
      'not_yours_to_answer',
      'declined',
    ])
  })

  test('debts too; more than 256 are refused as a whole', async () => {
    const first = openingFor(scene.bo)
    const { outcomes } = await scene.client.call(
      'OpenDebts',
      { debts: [first, { ...openingFor(scene.bo), role: 'friend' }, first] },
      as(scene.ana),
    )
    const [one, two, three] = outcomes
    expect(two?.refused?.code).toBe('invalid_request')
    expect(three?.done).toMatchObject({ replayed: true, debt: { id: one?.done?.debt.id } })
    const entries = Array.from({ length: 257 }, () => entryOf(randomUUID(), 'advance', '1'))
    expect(
      await refusalOf(scene.client.call('EnterEntries', { entries }, as(scene.ana))),
    ).toMatchObject({
      code: 'invalid_request',
    })
  })
})

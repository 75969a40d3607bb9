import { randomUUID } from 'node:crypto'
import type { ListDebtsRequest } from '@quits/proto/ledger'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  as,
  collect,
  entryOf,
  isBroken,
  type LedgerScene,
  openingFor,
  refusalOf,
  setLedgerScene,
} from '../../expenses-service/src/testing/ledger-client.ts'
import type { Fault } from './book-check.ts'
import { checkDatabase } from './check-database.ts'
import { withDatabase } from './database.ts'

let scene: LedgerScene
let debtId: string

beforeAll(async () => {
  scene = await setLedgerScene()
  debtId = await scene.openDebt()
})
afterAll(() => scene.close())

const runs = { numRuns: 300 }

// Texts as an attacker writes them: any UTF-16 unit, halves of pairs and zeros among them.
const anyText = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map(textOf),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('a\u0000b', 'a\ud800b', '\udc00', '', ' ', '\u202e', '__proto__', "'; --"),
)
function textOf(units: number[]): string {
  return String.fromCharCode(...units)
}
const anyNumber = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1))
const anyMoney = fc.option(
  fc.record({
    minor: fc.oneof(anyText, fc.bigInt({ min: -1n, max: 2n ** 70n }).map(String)),
    currency: fc.oneof(anyText, fc.constant('EUR')),
  }),
)
const anyId = fc.oneof(anyText, fc.uuid(), fc.constant('own'))
const key = fc.oneof(fc.uuid(), fc.uuid(), fc.uuid(), anyText)
const idOf = (id: string) => (id === 'own' ? debtId : id)

const faultsOfLedger = async () => {
  const faults: Fault[] = []
  await withDatabase(scene.service.databaseUrl, (client) =>
    checkDatabase(client, (fault) => faults.push(fault)),
  )
  return faults
}

type WishOf<A> = A extends fc.Arbitrary<infer W> ? W : never

/** Neither broken nor silent: an answer, or a refusal of the catalogue. */
const expectSettled = async (call: Promise<unknown>) => {
  const refusal = await refusalOf(call)
  expect(isBroken(refusal.status)).toBe(false)
  if (refusal.status !== undefined) expect(refusal.code).toBeTruthy()
}

test('whatever comes by gRPC, nothing breaks and all that is written verifies', async () => {
  const { client, ana } = scene
  const entries = fc.record({
    idempotencyKey: key,
    debtId: anyId,
    kind: fc.oneof(anyText, fc.constantFrom('advance', 'repayment', 'forgiveness')),
    amount: anyMoney,
    note: anyText,
    occurredOn: fc.oneof(anyText, fc.constant('2026-02-29'), fc.constant('2026-11-02')),
    ifVersion: anyNumber,
  })
  const answers = fc.record({
    idempotencyKey: key,
    debtId: anyId,
    seq: anyNumber,
    verdict: fc.integer({ min: 0, max: 7 }),
    reason: anyText,
    suggested: anyMoney,
  })
  const openings = fc.record({
    idempotencyKey: key,
    role: fc.oneof(anyText, fc.constant('lender')),
    counterparty: fc.option(
      fc.record({ email: anyText, name: anyText, userId: anyText }, { requiredKeys: [] }),
    ),
    opening: anyMoney,
    description: anyText,
    category: anyText,
    dueOn: anyText,
  })
  const lists = fc.record(
    { role: anyText, person: anyText, q: anyText, category: anyText, from: anyText },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(entries, answers, openings, lists, async (entry, answer, opening, list) => {
      const id = idOf(entry.debtId)
      await Promise.all([
        expectSettled(client.call('EnterEntry', { ...entry, debtId: id }, as(ana))),
        expectSettled(client.call('AnswerEntry', { ...answer, debtId: id }, as(ana))),
        expectSettled(client.call('AnswerDebt', { ...answer, debtId: id }, as(ana))),
        expectSettled(client.call('OpenDebt', opening, as(ana))),
        expectSettled(collect(client.stream('ListDebts', list as ListDebtsRequest, as(ana)))),
      ])
    }),
    runs,
  )
  expect(await faultsOfLedger()).toEqual([])
})

test('neither by its corrections, payments, words, links and readings', async () => {
  const { client, ana, bo } = scene
  const anybody = fc.oneof(anyText, fc.uuid(), fc.constant(bo.id))
  const wishes = fc.record({
    idempotencyKey: key,
    debtId: anyId,
    seq: anyNumber,
    amount: anyMoney,
    text: anyText,
    personId: anybody,
    from: fc.oneof(anyText, fc.constantFrom('me', 'them')),
  })
  const settled = async ({ text, personId, from, ...wish }: WishOf<typeof wishes>) => {
    const { idempotencyKey, seq, amount } = wish
    const place = { ...wish, debtId: idOf(wish.debtId) }
    const { debtId } = place
    const taking = { idempotencyKey, token: text, seq, hash: text }
    const changing = { debtId, ifVersion: seq, description: text, dueOn: text }
    const consent = { mode: text, amount }
    await Promise.all([
      expectSettled(client.call('ReverseEntry', { ...place, reason: text }, as(ana))),
      expectSettled(client.call('AmendEntry', { ...place, note: text }, as(ana))),
      expectSettled(client.call('ChangeDebt', changing, as(ana))),
      expectSettled(client.call('PayPerson', { ...wish, personId, from, note: text }, as(ana))),
      expectSettled(client.call('SetConsent', { personId, consent }, as(ana))),
      expectSettled(client.call('Invite', { idempotencyKey, debtId, email: text }, as(ana))),
      expectSettled(client.call('AcceptInvitation', taking, as(ana))),
      expectSettled(client.call('ShowInvitation', { token: text }, as(ana))),
      expectSettled(client.call('RevokeInvitation', { debtId, invitationId: text }, as(ana))),
      expectSettled(client.call('GetEntry', { debtId, seq }, as(ana))),
      expectSettled(collect(client.stream('ListEntries', { debtId, beforeSeq: seq }, as(ana)))),
      expectSettled(collect(client.stream('ReadProof', { debtId, afterSeq: seq }, as(ana)))),
    ])
  }
  await fc.assert(fc.asyncProperty(wishes, settled), { numRuns: 150 })
  expect(await faultsOfLedger()).toEqual([])
})

test('every text that is taken is the text that was hashed, by HTTP and by gRPC', async () => {
  const { client, ana, service } = scene
  const id = await scene.openDebt()
  const taken: string[] = []
  await fc.assert(
    fc.asyncProperty(anyText, anyText, async (note, description) => {
      const body = { kind: 'repayment', amount: { minor: '1', currency: 'EUR' }, note }
      const headers = { 'idempotency-key': randomUUID() }
      const asking = { token: ana.accessToken, headers, body }
      const posted = await service.ask('POST', `/v1/debts/${id}/transactions`, asking)
      expect([201, 400, 422]).toContain(posted.status)
      if (posted.status === 201) taken.push(note)
      await expectSettled(
        client.call('EnterEntry', { ...entryOf(id, 'repayment', '1'), note }, as(ana)),
      )
      const opening = { ...openingFor(scene.bo), counterparty: { name: 'Grandma' }, description }
      await expectSettled(client.call('OpenDebt', opening, as(ana)))
    }),
    { numRuns: 150 },
  )
  expect(taken.length).toBeGreaterThan(10)
  expect(await faultsOfLedger()).toEqual([])
})

test('half of a surrogate pair is no JSON text, and a zero in a search is refused', async () => {
  const { ana, service } = scene
  const response = await fetch(`${service.url}/v1/debts/${debtId}/transactions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ana.accessToken}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: '{"kind":"repayment","amount":{"minor":"1","currency":"EUR"},"note":"a\\ud800"}',
  })
  expect(response.status).toBe(400)
  const search = await service.ask('GET', '/v1/debts?q=%00', { token: ana.accessToken })
  expect([search.status, search.body['code']]).toEqual([422, 'invalid_request'])
})

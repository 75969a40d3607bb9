import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
import { spoken } from '../testing/over-both.ts'

let scene: LedgerScene
let debtId: string

// A debt with a bit of everything: notes, an answer with a reason, a correction, something that waits.
beforeAll(async () => {
  scene = await setLedgerScene()
  const { client, ana, bo } = scene
  debtId = await scene.openDebt()
  const paid = { ...entryOf(debtId, 'repayment', '500'), note: 'cash' }
  const { entry } = await client.call('EnterEntry', paid, as(ana))
  const amended = {
    idempotencyKey: randomUUID(),
    debtId,
    seq: entry.seq,
    amount: euros('600'),
    reason: 'it was more',
  }
  await client.call('AmendEntry', amended, as(ana))
  const asked = await client.call('EnterEntry', entryOf(debtId, 'advance', '90'), as(ana))
  const no = { idempotencyKey: randomUUID(), debtId, seq: asked.entry.seq, verdict: 2 }
  await client.call('AnswerEntry', { ...no, reason: 'paid', suggested: euros('9') }, as(bo))
  await client.call('EnterEntry', entryOf(debtId, 'advance', '7'), as(ana))
  await client.call('SetConsent', { personId: bo.id, consent: { mode: 'always' } }, as(ana))
  await client.call('Invite', { idempotencyKey: randomUUID(), debtId: await oneSided() }, as(ana))
})
afterAll(() => scene.close())

const oneSided = async () => {
  const opening = { ...openingFor(scene.bo), counterparty: { name: 'Cousin Lee' } }
  return (await scene.client.call('OpenDebt', opening, as(scene.ana))).debt.id
}
const overHttp = async (path: string, token: string | undefined = scene.ana.accessToken) =>
  spoken((await scene.service.ask('GET', path, { token })).body) as Record<string, unknown>
const ana = () => as(scene.ana)

test('a debt and its entries are what HTTP shows, field by field', async () => {
  const { pending, ...debt } = await overHttp(`/v1/debts/${debtId}`)
  const { in: pendingIn, out: pendingOut } = pending as Record<string, unknown>
  const shown = await scene.client.call('GetDebt', { debtId }, ana())
  expect(spoken(shown)).toEqual({ ...debt, pendingIn, pendingOut })

  const { items } = await overHttp(`/v1/debts/${debtId}/transactions`)
  const listed = await collect(scene.client.stream('ListEntries', { debtId }, ana()))
  expect(spoken(listed)).toEqual(items)
  const single = await scene.client.call('GetEntry', { debtId, seq: 7 }, ana())
  expect(spoken(single)).toEqual(await overHttp(`/v1/debts/${debtId}/transactions/7`))
  const before = { debtId, beforeSeq: 3 }
  const earlier = await collect(scene.client.stream('ListEntries', before, ana()))
  expect(earlier.map(({ seq }) => seq)).toEqual([2, 1])
})

test('what waits for somebody is what HTTP says, with what was made together', async () => {
  const { client, bo } = scene
  const consent = (mode: string) =>
    client.call('SetConsent', { personId: bo.id, consent: { mode } }, as(scene.ana))
  await consent('ask')
  const first = await scene.openDebt()
  await scene.openDebt()
  const payment = { idempotencyKey: randomUUID(), personId: scene.ana.id, from: 'me' }
  await client.call('PayPerson', { ...payment, amount: euros('7000') }, as(bo))
  const { items } = await overHttp('/v1/debts?waiting=me')
  const listed = await collect(client.stream('ListDebts', { waiting: 'me' }, ana()))
  expect(listed.map(({ id }) => id)).toEqual((items as { id: string }[]).map(({ id }) => id))
  expect(listed.length).toBeGreaterThan(1)
  const entries = await overHttp(`/v1/debts/${first}/transactions?waiting=me`)
  const waiting = { debtId: first, waiting: 'me' }
  const asked = await collect(client.stream('ListEntries', waiting, ana()))
  expect(spoken(asked)).toEqual(entries['items'])
  const [row] = asked
  expect(row?.together).toMatchObject({ amount: euros('7000') })
  expect(row?.together?.debts).toBeGreaterThan(1)
  const single = await client.call('GetEntry', { debtId: first, seq: row?.seq ?? 0 }, ana())
  expect(single).toEqual(row)
  const nobodys = collect(client.stream('ListEntries', { debtId: first, waiting: 'bo' }, ana()))
  expect((await refusalOf(nobodys)).code).toBe('invalid_request')
  // As they were, for the tests below.
  const no = { idempotencyKey: randomUUID(), debtId: first, seq: row?.seq ?? 0, verdict: 2 }
  await client.call('AnswerEntry', no, ana())
  await consent('always')
})

test('nobody has an entry at the highest place of a book, by HTTP and by gRPC', async () => {
  const seq = 2_147_483_647
  const path = `/v1/debts/${debtId}/transactions/${seq}`
  const { status: answer } = await scene.service.ask('GET', path, {
    token: scene.ana.accessToken,
  })
  expect(answer).toBe(404)
  const refusal = await refusalOf(scene.client.call('GetEntry', { debtId, seq }, ana()))
  expect(refusal.code).toBe('not_found')
})

test('history and proof are those of HTTP, and go on where a stream was cut', async () => {
  const { items } = await overHttp(`/v1/debts/${debtId}/history.json`)
  const history = await collect(scene.client.stream('ReadHistory', { debtId }, ana()))
  expect(spoken(history)).toEqual(items)
  const { version, book, rows } = await overHttp(`/v1/debts/${debtId}/proof`)
  const [first, ...parts] = await collect(scene.client.stream('ReadProof', { debtId }, ana()))
  expect(spoken(first?.book)).toEqual({ version, ...(book as object) })
  expect(spoken(parts.map(({ row }) => row))).toEqual(rows)

  const after = { debtId, afterSeq: 2 }
  const rest = await collect(scene.client.stream('ReadHistory', after, ana()))
  expect(rest).toEqual(history.slice(2))
  const [again, ...later] = await collect(scene.client.stream('ReadProof', after, ana()))
  expect(again).toEqual(first)
  expect(later).toEqual(parts.slice(2))
  const past = { debtId, afterSeq: 4_294_967_295 }
  expect(await collect(scene.client.stream('ReadHistory', past, ana()))).toEqual([])
  expect(await collect(scene.client.stream('ReadProof', past, ana()))).toHaveLength(1)
})

test('lists and sums are those of HTTP', async () => {
  const { items, totals } = await overHttp('/v1/debts')
  const ids = (items as { id: string }[]).map(({ id }) => id)
  const listed = await collect(scene.client.stream('ListDebts', {}, ana()))
  expect(listed.map(({ id }) => id)).toEqual(ids)
  expect((await scene.client.call('SumDebts', {}, ana())).totals).toEqual(totals)
  expect((await scene.client.call('SumDebts', { role: 'borrower' }, ana())).totals).toEqual([])
  expect(await scene.client.call('GetSummary', {}, ana())).toEqual(await overHttp('/v1/summary'))
})

test('people are those of HTTP', async () => {
  const { items } = await overHttp('/v1/people')
  expect(spoken(await collect(scene.client.stream('ListPeople', {}, ana())))).toEqual(items)
  const detail = await scene.client.call('GetPerson', { personId: scene.bo.id }, ana())
  const { person, ...relation } = detail
  expect(spoken({ ...person, ...relation })).toEqual(await overHttp(`/v1/people/${scene.bo.id}`))
})

test('the running tab is that of HTTP', async () => {
  const { items } = await overHttp(`/v1/people/${scene.bo.id}/transactions`)
  const personId = scene.bo.id
  const lines = await collect(scene.client.stream('ListTab', { personId }, ana()))
  expect(lines.length).toBeGreaterThan(0)
  expect(spoken(lines.map(({ entry, ...line }) => ({ ...entry, ...line })))).toEqual(items)
})

test('an invitation shows what HTTP shows without an account, and nobody’s user id', async () => {
  const id = await oneSided()
  const asked = { idempotencyKey: randomUUID(), debtId: id, email: 'lee@example.test' }
  const { token } = await scene.client.call('Invite', asked, ana())
  const listed = await collect(scene.client.stream('ListInvitations', { debtId: id }, ana()))
  expect(spoken(listed)).toEqual((await overHttp(`/v1/debts/${id}/invitations`))['items'])

  const nobody = { deadlineMs: 5_000 }
  const shown = await scene.client.call('ShowInvitation', { token }, nobody)
  const http = await scene.service.ask('GET', `/v1/invitations/${token}`)
  const { inviter, seat, pending, items, ...debt } = spoken(http.body) as {
    inviter: { name: string }
    seat: { role: string; name: string }
    pending: { in: object; out: object }
    items: { by?: string }[]
  }
  expect(spoken(shown)).toEqual({
    ...debt,
    inviterName: inviter.name,
    seatRole: seat.role,
    seatName: seat.name,
    pendingIn: pending.in,
    pendingOut: pending.out,
  })
  const entries = await collect(scene.client.stream('ListInvitedEntries', { token }, nobody))
  const asHttp = entries.map(({ entry, byInviter }) => ({
    ...entry,
    by: byInviter ? 'inviter' : null,
  }))
  expect(spoken(asHttp)).toEqual(items)
  expect(JSON.stringify([shown, entries])).not.toContain(scene.ana.id)
  const wrong = scene.client.call('ShowInvitation', { token: 'x' }, nobody)
  expect((await refusalOf(wrong)).code).toBe('not_found')
})

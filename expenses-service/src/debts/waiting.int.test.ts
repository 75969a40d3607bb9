import { beforeAll, afterAll, expect, test } from 'vitest'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

/** Two people who know each other, and what they do. */
const makePair = async () => {
  const { admin, request, post, get } = scene
  const gil = await makePerson(admin, 'Gil')
  const ira = await makePerson(admin, 'Ira')
  /** The debt's id; Ira owes Gil, and agreed. */
  const lend = async (minor: string, lender = gil, borrower = ira) => {
    const { body } = await post(lender, '/v1/debts', {
      role: 'lender',
      counterparty: { email: borrower.email },
      opening: eur(minor),
      description: 'groceries',
    })
    const id = String(body['id'])
    expect((await post(borrower, `/v1/debts/${id}/accept`)).status).toBe(200)
    return id
  }
  const enter = async (who: Person, id: string, body: object) =>
    (await post(who, `/v1/debts/${id}/transactions`, body)).body
  const waitingDebts = async (who: Person, query = '') => {
    const { body } = await get(who, `/v1/debts?waiting=me${query}`)
    return body as { items: { id: string }[]; next: string | null }
  }
  const waitingIn = async (who: Person, id: string) => {
    const { body } = await get(who, `/v1/debts/${id}/transactions?waiting=me`)
    return body['items'] as Record<string, unknown>[]
  }
  const owed = async (who: Person) => (await get(who, '/v1/summary')).body['currencies']
  return { gil, ira, request, post, get, lend, enter, waitingDebts, waitingIn, owed }
}

test('a row of a payment over twenty debts says what a yes to it means, and a yes means that', async () => {
  const { gil, ira, post, get, lend, waitingIn, owed } = await makePair()
  const ids: string[] = []
  for (let n = 0; n < 20; n += 1) ids.push(await lend('1000'))
  // What Gil owes Ira is cleared by the same payment, and is no part of what is paid.
  await lend('400', ira, gil)
  const paid = { from: 'me', amount: eur('19600') }
  expect((await post(ira, `/v1/people/${gil.userId}/payments`, paid)).status).toBe(201)
  const [row] = await waitingIn(gil, ids[0] ?? '')
  const together = { debts: 21, entries: 21, amount: eur('19600') }
  expect(row).toMatchObject({ amount: eur('1000'), together })
  const path = `/v1/debts/${ids[0]}/transactions/${String(row?.['seq'])}`
  expect((await get(gil, path)).body).toEqual(row)
  // Its author reads the same.
  expect((await get(ira, path)).body).toMatchObject({ together })
  expect(await owed(gil)).toMatchObject([{ owed: '20000', owing: '400' }])
  const answered = await post(gil, `${path}/accept`)
  expect(answered.status).toBe(200)
  expect(answered.body).not.toHaveProperty('together')
  expect(await owed(gil)).toEqual([])
  expect((await get(gil, path)).body).not.toHaveProperty('together')
})

test('a correction and a surplus are told as a whole, and a single row is not', async () => {
  const { gil, ira, lend, enter, post, waitingIn } = await makePair()
  const id = await lend('4000')
  const alone = await enter(ira, id, { kind: 'repayment', amount: eur('100') })
  const [single] = await waitingIn(gil, id)
  expect(single).toMatchObject({ seq: alone['seq'] })
  expect(single).not.toHaveProperty('together')
  await post(ira, `/v1/debts/${id}/transactions/${String(alone['seq'])}/withdraw`)

  // The borrower says it was less than the lender wrote: what it costs the lender is the difference.
  await post(ira, `/v1/debts/${id}/transactions/1/amend`, { amount: eur('3300') })
  const rows = await waitingIn(gil, id)
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['advance', 'reversal']))
  for (const row of rows) {
    expect(row['together']).toEqual({ debts: 1, entries: 2, amount: eur('700') })
  }
  const seq = String(rows[0]?.['seq'])
  await post(ira, `/v1/debts/${id}/transactions/${seq}/withdraw`)

  await enter(ira, id, { kind: 'repayment', amount: eur('5000'), surplus: 'debt' })
  const [back] = await waitingIn(gil, id)
  const together = { debts: 2, entries: 2, amount: eur('5000') }
  expect(back).toMatchObject({ amount: eur('4000'), together })
})

test('what waits for somebody is listed for them alone, however old its debt is', async () => {
  const { gil, ira, post, lend, enter, waitingDebts, waitingIn } = await makePair()
  const oldest = await lend('4000')
  const others: string[] = []
  for (let n = 0; n < 3; n += 1) others.push(await lend('4000'))
  expect((await waitingDebts(gil)).items).toEqual([])
  // In the newer ones only Gil's own entries wait.
  for (const id of others) await enter(gil, id, { kind: 'advance', amount: eur('5') })
  const asked = await enter(ira, oldest, { kind: 'repayment', amount: eur('10') })
  expect((await waitingDebts(gil, '&limit=1')).items).toMatchObject([{ id: oldest }])
  expect((await waitingDebts(ira)).items.map(({ id }) => id)).toEqual(others.toReversed())
  expect(await waitingIn(gil, others[0] ?? '')).toEqual([])
  expect(await waitingIn(ira, others[0] ?? '')).toHaveLength(1)
  // A debt that nobody agreed to yet waits as a whole.
  const proposed = await post(gil, '/v1/debts', {
    role: 'lender',
    counterparty: { email: ira.email },
    opening: eur('1'),
    description: 'gum',
  })
  expect((await waitingDebts(ira)).items[0]?.id).toBe(proposed.body['id'])
  expect((await waitingDebts(gil)).items).toHaveLength(1)
  await post(gil, `/v1/debts/${oldest}/transactions/${String(asked['seq'])}/decline`, {})
  expect((await waitingDebts(gil)).items).toEqual([])
})

test('pages of what waits follow each other', async () => {
  const { gil, ira, get, lend, enter, waitingDebts } = await makePair()
  const id = await lend('4000')
  const seqs: unknown[] = []
  for (const minor of ['1', '2', '3']) {
    seqs.push((await enter(ira, id, { kind: 'repayment', amount: eur(minor) }))['seq'])
    await enter(gil, id, { kind: 'advance', amount: eur(minor) })
  }
  const seen: unknown[] = []
  let cursor = ''
  for (let pages = 0; pages < 3; pages += 1) {
    const path = `/v1/debts/${id}/transactions?waiting=me&limit=1${cursor}`
    const { body } = await get(gil, path)
    seen.push(...(body['items'] as { seq: number }[]).map(({ seq }) => seq))
    cursor = `&cursor=${String(body['next'])}`
    expect(body['next'] === null).toBe(pages === 2)
  }
  expect(seen).toEqual(seqs.toReversed())
  expect((await get(gil, '/v1/debts?waiting=them')).status).toBe(422)
  expect((await waitingDebts(gil)).items).toHaveLength(1)
})

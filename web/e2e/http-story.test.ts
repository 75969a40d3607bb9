import { beforeAll, expect, it } from 'vitest'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

interface Debt {
  id: string
  role: string
  status: string
  balance: { minor: string; currency: string }
  counterparty: { name: string; userId?: string }
}

interface Entry {
  seq: number
  kind: string
  status: string
  amount: { minor: string }
  balance: { minor: string }
  enteredBy: string | null
}

const eur = (minor: string) => ({ minor, currency: 'EUR' })
const lend = (email: string) => ({
  role: 'lender',
  counterparty: { email, name: 'Bo' },
  opening: eur('4000'),
  description: 'groceries',
})

let ana: Person
let bo: Person
beforeAll(async () => {
  ana = await signUpByHttp('Ana', freshEmail('ana'))
  bo = await signUpByHttp('Bo', freshEmail('bo'))
})

it('carries a debt from proposal to repayment, and tells both people as it happens', async () => {
  const anaFeed = await ana.listen()
  const boFeed = await bo.listen()
  expect(boFeed.welcome).toMatchObject({ head: 0, counts: { unseen: 0 } })

  const opened = await ana.post<Debt>('/v1/debts', lend(bo.email))
  expect(opened).toMatchObject({ status: 201, body: { status: 'proposed', balance: eur('0') } })
  const path = `/v1/debts/${opened.body.id}`
  expect(await boFeed.next('event')).toMatchObject({
    seq: 1,
    kind: 'debt.proposed',
    weight: 'alert',
    subject: { id: opened.body.id },
    data: { role: 'borrower', amount: eur('4000') },
  })

  expect(await bo.post(`${path}/accept`, {})).toMatchObject({ status: 200 })
  expect(await anaFeed.next('event')).toMatchObject({ seq: 1, weight: 'silent' })
  expect(await anaFeed.next('event')).toMatchObject({ seq: 2, kind: 'debt.accepted', actor: bo.id })

  const paid = await bo.post<Entry>(`${path}/transactions`, {
    kind: 'repayment',
    amount: eur('1500'),
  })
  expect(paid).toMatchObject({ status: 201, body: { status: 'pending' } })
  expect(await anaFeed.next('event')).toMatchObject({
    kind: 'transaction.proposed',
    data: { role: 'lender', kind: 'repayment', amount: eur('1500') },
  })
  expect(await ana.post(`${path}/transactions/${paid.body.seq}/accept`, {})).toMatchObject({
    status: 200,
  })

  for (const [person, role, name] of [
    [ana, 'lender', 'Bo'],
    [bo, 'borrower', 'Ana'],
  ] as const) {
    expect((await person.get<Debt>(path)).body).toMatchObject({
      role,
      status: 'open',
      balance: eur('2500'),
      counterparty: { name },
    })
    const history = await person.get<{ items: Entry[] }>(`${path}/transactions`)
    const lines = history.body.items.map(
      ({ kind, status, amount, balance }) => `${kind} ${status} ${amount.minor} → ${balance.minor}`,
    )
    expect(lines).toEqual([
      'accepted posted 1500 → 2500',
      'repayment posted 1500 → 4000',
      'accepted posted 4000 → 4000',
      'advance posted 4000 → 0',
    ])
  }
  await Promise.all([anaFeed.close(), boFeed.close()])
})

it('brings back exactly the three notifications that a closed socket missed', async () => {
  const before = await bo.listen()
  const start = before.welcome.head
  const opened = await ana.post<Debt>('/v1/debts', lend(bo.email))
  const path = `/v1/debts/${opened.body.id}`
  expect((await before.next('event')).seq).toBe(start + 1)
  await bo.post(`${path}/accept`, {})
  expect((await before.next('event')).seq).toBe(start + 2)
  await before.close()

  for (const minor of ['100', '200', '300']) {
    const entry = { kind: 'repayment', amount: eur(minor) }
    expect((await ana.post(`${path}/transactions`, entry)).status).toBe(201)
  }
  // Ana and Bo share this one book, so Ana's own feed shows when all three have passed through.
  const anaFeed = await ana.listen({ epoch: before.welcome.epoch, seq: start + 2 })
  for (const step of [3, 4, 5]) expect((await anaFeed.next('event')).seq).toBe(start + step)

  const after = await bo.listen({ epoch: before.welcome.epoch, seq: start + 2 })
  expect(after.welcome).toMatchObject({ head: start + 5, recovered: true })
  const replayed = await after.next('replayed')
  expect(replayed).toMatchObject({ to: start + 5 })
  expect(after.waiting()).toMatchObject([
    { seq: start + 3, data: { amount: eur('100') } },
    { seq: start + 4, data: { amount: eur('200') } },
    { seq: start + 5, data: { amount: eur('300') } },
  ])
  await Promise.all([anaFeed.close(), after.close()])
})

it('records a repeated act once and hides a debt from everybody else', async () => {
  const eve = await signUpByHttp('Eve', freshEmail('eve'))
  const first = await ana.post<Debt>('/v1/debts', lend(freshEmail('bo')), 'the-same-key')
  const body = { ...lend('x@example.test'), counterparty: { name: 'Bo' } }
  const again = await ana.post('/v1/debts', body, 'the-same-key')
  expect(first.status).toBe(201)
  expect(again).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })

  const hidden = await eve.get(`/v1/debts/${first.body.id}`)
  const absent = await eve.get(`/v1/debts/${crypto.randomUUID()}`)
  expect(hidden.status).toBe(404)
  expect(hidden.body).toEqual(absent.body)
})

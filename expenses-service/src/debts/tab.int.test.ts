import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
let one: Person
let two: Person

interface Line {
  debtId: string
  seq: number
  role: string
  description: string
}

beforeAll(async () => {
  scene = await setScene()
  one = await makePerson(scene.admin, 'One')
  two = await makePerson(scene.admin, 'Two')
})
afterAll(() => scene.close())

const open = async (lender: Person, borrower: Person, description: string) => {
  const counterparty = { email: borrower.email }
  const debt = { role: 'lender', counterparty, opening: eur('100'), description }
  const id = String((await scene.post(lender, '/v1/debts', debt)).body['id'])
  await scene.post(borrower, `/v1/debts/${id}/accept`)
  return id
}
const repaid = (who: Person, id: string) =>
  scene.post(who, `/v1/debts/${id}/transactions`, { kind: 'repayment', amount: eur('1') })

const tabOf = async (who: Person, other: Person, query = '') => {
  const { body } = await scene.get(who, `/v1/people/${other.userId}/transactions${query}`)
  return { items: body['items'] as Line[], next: body['next'] as string | null }
}

test('is everything between two people in the order it was written, and nothing else', async () => {
  const tea = await open(one, two, 'tea')
  const rent = await open(two, one, 'rent')
  await repaid(one, tea)
  await repaid(two, rent)
  await repaid(one, tea)
  await open(scene.ana, two, 'of somebody else')
  const { items, next } = await tabOf(one, two)
  expect(next).toBeNull()
  expect(items.map(({ description, seq, role }) => [description, seq, role])).toEqual([
    ['tea', 4, 'lender'],
    ['rent', 3, 'borrower'],
    ['tea', 3, 'lender'],
    ['rent', 2, 'borrower'],
    ['rent', 1, 'borrower'],
    ['tea', 2, 'lender'],
    ['tea', 1, 'lender'],
  ])
  // To the other one it is the same tab, from their side.
  const theirs = await tabOf(two, one)
  expect(theirs.items.map(({ debtId, seq }) => [debtId, seq])).toEqual(
    items.map(({ debtId, seq }) => [debtId, seq]),
  )
  expect(theirs.items[0]?.role).toBe('borrower')
})

test('comes in pages without a gap and without a repeat', async () => {
  const whole = await tabOf(one, two)
  const found: Line[] = []
  let cursor: string | null = ''
  for (let pages = 0; cursor !== null && pages < 10; pages += 1) {
    const page = await tabOf(one, two, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    found.push(...page.items)
    cursor = page.next
  }
  expect(found).toEqual(whole.items)
})

test('is of people who share a debt, and takes only its own cursors', async () => {
  const path = `/v1/people/${two.userId}/transactions`
  expect((await scene.get(scene.eve, path)).status).toBe(404)
  expect((await scene.get(one, '/v1/people/nobody/transactions')).status).toBe(404)
  expect((await scene.get(one, `${path}?cursor=x`)).status).toBe(422)
  expect((await scene.get(one, `${path}?limit=201`)).status).toBe(422)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
let one: Person
let two: Person

beforeAll(async () => {
  scene = await setScene()
  one = await makePerson(scene.admin, 'One')
  two = await makePerson(scene.admin, 'Two')
})
afterAll(() => scene.close())

const open = async (owner: Person, role: 'lender' | 'borrower', other: Person) => {
  const counterparty = { email: other.email }
  const debt = { role, counterparty, opening: eur('100'), description: 'tea' }
  return String((await scene.post(owner, '/v1/debts', debt)).body['id'])
}
const isOffered = async (who: Person, to: Person) =>
  (await scene.get(who, `/v1/people/${to.userId}`)).body['consentOffered']

test('standing consent is offered from the second yes on, to who said it', async () => {
  const lent = await open(one, 'lender', two)
  await scene.post(two, `/v1/debts/${lent}/accept`)
  expect([await isOffered(one, two), await isOffered(two, one)]).toEqual([false, false])

  // A no is no yes, and neither is a debt that its borrower wrote down.
  const paid = await scene.post(two, `/v1/debts/${lent}/transactions`, {
    kind: 'repayment',
    amount: eur('1'),
  })
  await scene.post(one, `/v1/debts/${lent}/transactions/${String(paid.body['seq'])}/decline`)
  const owed = await open(one, 'borrower', two)
  expect([await isOffered(one, two), await isOffered(two, one)]).toEqual([false, false])

  // Taking a seat in such a debt is one.
  await scene.post(two, `/v1/debts/${owed}/accept`)
  expect([await isOffered(one, two), await isOffered(two, one)]).toEqual([false, true])

  // What was said to somebody else does not count.
  await scene.post(two, `/v1/debts/${await open(scene.ana, 'lender', two)}/accept`)
  expect(await isOffered(two, scene.ana)).toBe(false)
})

test('consent that was given stays on offer, so that it can be taken back', async () => {
  await scene.request(one, 'PUT', `/v1/people/${two.userId}/consent`, { mode: 'always' })
  expect(await isOffered(one, two)).toBe(true)
})

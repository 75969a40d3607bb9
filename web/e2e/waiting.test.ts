import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, signUp } from './browser.ts'
import { type Person, personOf, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let page: Page
/** The same person by HTTP, with the browser's session. */
let ana: Person
let bo: Person

const money = (minor: string) => ({ minor, currency: 'EUR' })

/** Ana lends; Bo agrees where it is him. */
const lend = async (counterparty: object, minor: string): Promise<string> => {
  const wish = { role: 'lender', counterparty, opening: money(minor), description: 'groceries' }
  const { body } = await ana.post<{ id: string }>('/v1/debts', wish)
  if ('email' in counterparty) {
    expect((await bo.post(`/v1/debts/${body.id}/accept`, {})).status).toBe(200)
  }
  return body.id
}

beforeAll(async () => {
  browser = await openBrowser()
  page = await openPage(browser)
  const email = freshEmail('ana')
  await signUp(page, 'Ana', email)
  const asked = page.waitForRequest('**/v1/summary')
  await page.goto('/')
  const token = (await asked).headers()['authorization']?.replace('Bearer ', '') ?? ''
  const me = personOf({ token, id: '', email })
  const { body } = await me.get<{ id: string }>('/v1/users/me')
  ana = personOf({ token, id: body.id, email })
  bo = await signUpByHttp('Bo', freshEmail('bo'))
})
afterAll(() => browser.close())

it('asks about a payment with what a yes means, on every page, however many debts it is over', async () => {
  const ids: string[] = []
  for (let n = 0; n < 14; n += 1) ids.push(await lend({ email: bo.email }, '1000'))
  const paid = { from: 'me', amount: money('14000') }
  expect((await bo.post(`/v1/people/${ana.id}/payments`, paid)).status).toBe(201)
  const text = 'Bo noted that they paid you €140.00, over 14 debts between you.'
  for (const path of ['/', `/people/${bo.id}`, `/debts/${ids[0]}`]) {
    await page.goto(path)
    await page.getByText(text).waitFor()
    await expect.poll(() => page.getByRole('article').count()).toBe(1)
  }
  await page.getByRole('button', { name: "Yes, that's right" }).click()
  await page.getByText(text).waitFor({ state: 'detached' })
  expect((await ana.get('/v1/summary')).body).toEqual({ currencies: [] })
})

it('asks about what waits in a debt however many newer ones there are', async () => {
  const oldest = await lend({ email: bo.email }, '4000')
  for (let n = 0; n < 51; n += 1) await lend({ name: 'Cleo' }, '100')
  const entry = { kind: 'repayment', amount: money('1000') }
  expect((await bo.post(`/v1/debts/${oldest}/transactions`, entry)).status).toBe(201)
  await page.goto('/')
  await page.getByText('Bo noted that they paid you back €10.00.').waitFor()
  await page.getByRole('button', { name: "Yes, that's right" }).click()
  await page.getByText('Nothing needs your answer.').waitFor()
})

it('takes no yes to other words than those that were read', async () => {
  const { body } = await bo.post<{ id: string; version: number }>('/v1/debts', {
    role: 'lender',
    counterparty: { email: ana.email },
    opening: money('2500'),
    description: 'lunch',
  })
  const path = `/v1/debts/${body.id}`
  await page.goto('/')
  const question = page.getByRole('article')
  await question.getByText('for lunch.').waitFor()
  await page.route(
    `**${path}/accept`,
    async (route) => {
      const changed = await bo.patch(path, { description: 'a boat' }, body.version)
      expect(changed.status).toBe(200)
      await route.continue()
    },
    { times: 1 },
  )
  await question.getByRole('button', { name: "Yes, that's right" }).click()
  await question.getByText('It was changed meanwhile; look again.').waitFor()
  await question.getByText('for a boat.').waitFor()
  expect((await ana.get(path)).body).toMatchObject({ status: 'proposed' })
  await question.getByRole('button', { name: "Yes, that's right" }).click()
  await page.getByText('Nothing needs your answer.').waitFor()
  expect((await ana.get(path)).body).toMatchObject({ status: 'open', description: 'a boat' })
})

it('shows what was added to a debt before its seat can be taken', async () => {
  const { body } = await bo.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { name: 'Annie' },
    opening: money('900'),
    description: 'tickets',
  })
  const path = `/v1/debts/${body.id}`
  const made = await bo.post<{ link: string }>(`${path}/invitations`, {})
  await page.goto(made.body.link)
  await page.getByRole('button', { name: "Yes, that's me" }).waitFor()
  await page.route(
    '**/v1/invitations/*/accept',
    async (route) => {
      const more = { kind: 'advance', amount: money('300'), note: 'popcorn' }
      expect((await bo.post(`${path}/transactions`, more)).status).toBe(201)
      await route.continue()
    },
    { times: 1 },
  )
  await page.getByRole('button', { name: "Yes, that's me" }).click()
  await page.getByText('Something was added meanwhile; look again.').waitFor()
  await page.getByText('popcorn').waitFor()
  await page.getByRole('button', { name: "Yes, that's me" }).click()
  await page.getByRole('heading', { name: 'You owe Bo' }).waitFor()
})

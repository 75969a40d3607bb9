import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, picture, seriousFaults, signUp, writeDown } from './browser.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page
let bo: Person
/** As Bo knows her. */
let anaId: string
const anaEmail = freshEmail('ana')

const money = (minor: string) => ({ minor, currency: 'EUR' })

/** Bo writes down that Ana owes him; Ana says yes to it on her home page. */
const boLends = async (minor: string, description: string): Promise<string> => {
  const { body } = await bo.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { email: anaEmail, name: 'Ana' },
    opening: money(minor),
    description,
  })
  await ana.goto('/')
  await ana.getByText(`for ${description}.`).waitFor()
  await ana.getByRole('button', { name: "Yes, that's right" }).click()
  await ana.getByText('Nothing needs your answer.').waitFor()
  return body.id
}

beforeAll(async () => {
  browser = await openBrowser()
  ana = await openPage(browser)
  await signUp(ana, 'Ana', anaEmail)
  bo = await signUpByHttp('Bo', freshEmail('bo'))
})
afterAll(() => browser.close())

it('shows everything between two people, and offers to spare the questions after two yeses', async () => {
  await boLends('3000', 'groceries')
  await ana.getByRole('listitem').getByRole('link', { name: 'Bo', exact: true }).click()
  await ana.getByRole('heading', { name: 'Bo', level: 1 }).waitFor()
  const people = await bo.get<{ items: { id: string }[] }>('/v1/people')
  anaId = people.body.items[0]?.id ?? ''
  await ana.getByText('You owe Bo €30.00.').waitFor()
  await ana.getByText(/^After you have confirmed two things of Bo/).waitFor()

  await boLends('1200', 'lunch')
  // Bo owes as well: one net, and what it is made of.
  await bo.post('/v1/debts', {
    role: 'borrower',
    counterparty: { email: anaEmail, name: 'Ana' },
    opening: money('500'),
    description: 'stamps',
  })
  await ana.getByRole('listitem').getByRole('link', { name: 'Bo', exact: true }).first().click()
  await ana.getByText('You owe Bo €37.00.').waitFor()
  await ana.getByText('Bo owes you €5.00, you owe Bo €42.00.').waitFor()
  await ana.getByRole('heading', { name: 'When Bo writes something down' }).waitFor()
  const tab = ana.getByRole('region', { name: 'What happened between you' })
  const lines = await tab.getByRole('listitem').allInnerTexts()
  expect(lines.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
    expect.stringMatching(/^You lent stamps · .* \+€5\.00$/),
    expect.stringMatching(/^You borrowed lunch · .* −€12\.00$/),
    expect.stringMatching(/^You borrowed groceries · .* −€30\.00$/),
  ])
  for (const colorScheme of ['dark', 'light'] as const) {
    await ana.emulateMedia({ colorScheme })
    for (const width of [360, 1280]) {
      await ana.setViewportSize({ width, height: 800 })
      expect(await seriousFaults(ana)).toEqual([])
      const overflow = await ana.locator('html').evaluate((html) => html.scrollWidth)
      expect(overflow).toBeLessThanOrEqual(width)
    }
  }
  await picture(ana, 'person')
})

it('pays a person once for everything, and never too much', async () => {
  await ana.goto(`/people/${bo.id}`)
  await ana.getByRole('button', { name: 'Pay Bo…' }).click()
  await ana.getByLabel(/^How much/).fill('50')
  await ana.getByRole('dialog').getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText('Nothing was saved. You owe Bo €37.00, so €50.00 is too much.').waitFor()
  await picture(ana, 'pay')
  await ana.getByRole('button', { name: 'Record €37.00' }).click()
  await ana.getByText('Written down. Bo will be asked to confirm.').waitFor()
  await ana.getByText('You owe Bo €37.00.').waitFor()

  const { body } = await bo.get<{ items: { id: string; pending: { out: { minor: string } } }[] }>(
    `/v1/debts?role=lender`,
  )
  const waiting = body.items.find(({ pending }) => pending.out.minor !== '0')
  const path = `/v1/debts/${waiting?.id}/transactions`
  const history = await bo.get<{ items: { seq: number; status: string }[] }>(path)
  const seq = history.body.items.find(({ status }) => status === 'pending')?.seq
  expect((await bo.post(`${path}/${seq}/accept`, {})).status).toBe(200)
  await ana.getByText('You and Bo are quits.').first().waitFor()
  await ana.getByText(/^Quits since \d+ \w+\.$/).waitFor()
})

it('spares the question up to an amount, and asks above it', async () => {
  await ana.goto(`/people/${bo.id}`)
  await ana.getByRole('radio', { name: 'Count it up to an amount, ask me above' }).check()
  await ana.getByRole('textbox', { name: 'Up to' }).fill('20')
  await ana.getByRole('button', { name: 'Save' }).click()
  await ana.getByText('Saved. You can change it at any time.').waitFor()
  const lend = (minor: string, description: string) =>
    bo.post<{ status: string }>('/v1/debts', {
      role: 'lender',
      counterparty: { userId: anaId },
      opening: money(minor),
      description,
    })
  const spared = await lend('2000', 'coffee')
  expect(spared.body.status).toBe('open')
  const asked = await lend('2001', 'cake')
  expect(asked.body.status).toBe('proposed')
  await ana.getByText('You owe Bo €20.00.').waitFor()
  await ana.getByText('Bo noted that you owe them €20.01 for cake.').waitFor()
})

it('blocks a person, and lets them back', async () => {
  await ana.goto(`/people/${bo.id}`)
  await ana.getByRole('button', { name: 'Block Bo…' }).click()
  await ana.getByRole('button', { name: 'Block Bo', exact: true }).click()
  await ana.getByText('You blocked Bo. Nothing they write down reaches you.').waitFor()
  // What he asked before does not come up by itself any more.
  const question = ana.getByText('Bo noted that you owe them €20.01 for cake.')
  await ana.goto('/')
  await ana.getByText('Nothing needs your answer.').waitFor()
  expect(await question.count()).toBe(0)
  await ana.goto(`/people/${bo.id}`)
  await ana.getByRole('button', { name: 'Let Bo reach you again' }).click()
  await ana.getByRole('button', { name: 'Block Bo…' }).waitFor()
  await ana.goto('/')
  await question.waitFor()
  const person = await bo.get(`/v1/people/${anaId}`)
  expect(person.body).toMatchObject({ blocked: false })
})

it('is asked once about a payment over several debts', async () => {
  await ana.goto(`/people/${bo.id}`)
  await ana.getByRole('radio', { name: 'Ask me', exact: true }).check()
  await ana.getByRole('button', { name: 'Save' }).click()
  await ana.getByText('Saved. You can change it at any time.').waitFor()
  for (const [amount, what] of [
    ['60', 'rent'],
    ['7', 'bread'],
  ] as const) {
    await writeDown(ana, { direction: 'You lent', who: bo.email, amount, what })
    await ana.getByTestId('balance').waitFor()
    const id = new URL(ana.url()).pathname.split('/').at(-1) ?? ''
    expect((await bo.post(`/v1/debts/${id}/accept`, {})).status).toBe(200)
  }
  // Bo owes 67.00 and is owed 20.00 for the coffee: he pays the difference.
  const paid = await bo.post<{ status: string }>(`/v1/people/${anaId}/payments`, {
    from: 'me',
    amount: money('4700'),
  })
  expect(paid.body).toMatchObject({ status: 'pending' })
  await ana.goto('/')
  await ana
    .getByText('Bo noted that they paid you €47.00, over 3 debts between you.')
    .first()
    .waitFor()
  const question = ana.getByRole('article').filter({ hasText: 'paid you' })
  await expect.poll(() => question.count()).toBe(1)
  await question.getByRole('button', { name: "Yes, that's right" }).click()
  await question.waitFor({ state: 'detached' })
  await ana.goto(`/people/${bo.id}`)
  await ana.getByText('You and Bo are quits.').first().waitFor()
})

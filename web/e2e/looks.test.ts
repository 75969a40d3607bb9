import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, openPage, picture, seriousFaults, signUp, writeDown } from './browser.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

const money = (minor: string, currency = 'EUR') => ({ minor, currency })

let browser: Browser
let ana: Page
/** The page of the debt with a history, as a path. */
let debtPath: string

/** A debt that `friend` answers and pays on, so that the pages have something to show. */
const liveWith = async (friend: Person, me: string, debtId: string): Promise<void> => {
  const path = `/v1/debts/${debtId}`
  await friend.post(`${path}/accept`, {})
  await friend.post(`${path}/transactions`, {
    kind: 'repayment',
    amount: money('1500'),
    note: 'cash, at the market',
  })
  const owed = { role: 'lender', counterparty: { email: me, name: 'Ana' } }
  const tickets = { opening: money('1250'), description: 'train tickets' }
  await friend.post('/v1/debts', { ...owed, ...tickets })
}

beforeAll(async () => {
  browser = await openBrowser()
  const email = freshEmail('ana')
  const boEmail = freshEmail('bo')
  ana = await openPage(browser)
  await signUp(ana, 'Ana', email)
  const bo = await signUpByHttp('Bo', boEmail)
  const groceries = { direction: 'You lent', who: boEmail, nickname: 'Bo', amount: '40' } as const
  await writeDown(ana, { ...groceries, what: 'groceries' })
  await ana.getByRole('heading', { name: 'Bo owes you' }).waitFor()
  debtPath = new URL(ana.url()).pathname
  await liveWith(bo, email, debtPath.split('/').at(-1) ?? '')
  for (const debt of [
    { direction: 'You lent', who: 'Kenji', amount: '1200', currency: 'JPY', what: 'ramen' },
    { direction: 'You borrowed', who: 'Farid', amount: '1.25', currency: 'KWD', what: 'taxi' },
    { direction: 'You borrowed', who: 'Cleo', amount: '12', currency: 'EUR', what: 'lunch' },
  ] as const) {
    await writeDown(ana, debt)
    await ana.getByTestId('balance').waitFor()
  }
})
afterAll(() => browser.close())

const pages: { name: string; open: () => Promise<Page> }[] = [
  {
    name: 'sign-up',
    open: async () => {
      const visitor = await openPage(browser)
      await visitor.goto('/sign-up')
      await visitor.getByRole('heading', { name: 'Start with Quits' }).waitFor()
      return visitor
    },
  },
  {
    name: 'home',
    open: async () => {
      await ana.goto('/')
      await ana.getByText('Bo noted that they paid you back €15.00.').waitFor()
      await ana.getByText(/^Ana noted|^Bo noted that you owe them/).waitFor()
      await ana.getByRole('button', { name: /^What's new, \d+ new$/ }).waitFor()
      return ana
    },
  },
  {
    name: 'debt',
    open: async () => {
      await ana.goto(debtPath)
      await ana.getByText('Bo confirmed €40.00').waitFor()
      await ana.getByRole('button', { name: /^What's new, \d+ new$/ }).waitFor()
      return ana
    },
  },
  {
    name: 'bell',
    open: async () => {
      await ana.goto('/')
      await ana.getByRole('button', { name: /^What's new, \d+ new$/ }).click()
      await ana.getByRole('dialog').getByText('Bo confirmed what they owe you.').waitFor()
      return ana
    },
  },
]

describe.each(pages)('the $name page', ({ name, open }) => {
  it('has no serious fault for people who listen, see little or use the keyboard', async () => {
    const page = await open()
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        expect(await seriousFaults(page)).toEqual([])
        const overflow = await page.locator('html').evaluate((html) => html.scrollWidth)
        expect(overflow).toBeLessThanOrEqual(width)
      }
    }
    await picture(page, name)
  })
})

it('would notice a control without a name and words too pale to read', async () => {
  const page = await openPage(browser)
  await page.goto('/sign-up')
  await page.getByRole('button').first().waitFor()
  await page.locator('main').evaluate((main) => {
    main.insertAdjacentHTML('beforeend', '<button></button>')
    main.style.color = '#ddd7cb'
  })
  const faults = await seriousFaults(page)
  expect(faults.some((fault) => fault.startsWith('button-name'))).toBe(true)
  expect(faults.some((fault) => fault.startsWith('color-contrast'))).toBe(true)
})

it('moves by keyboard alone, and a move puts the focus on the new heading', async () => {
  const page = ana
  await page.goto('/')
  await page.getByRole('button', { name: "What's new" }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').innerText()).toBe('Skip to the page')
  const write = page.getByRole('link', { name: 'Write it down' }).first()
  for (let presses = 0; presses < 12; presses += 1) {
    if ((await page.locator(':focus').innerText()) === 'Write it down') break
    await page.keyboard.press('Tab')
  }
  expect(await write.evaluate((link) => link.matches(':focus-visible'))).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Write it down' }).waitFor()
  expect(await page.locator(':focus').innerText()).toBe('Write it down')
  expect(await page.locator('h1:focus').count()).toBe(1)

  // The bell opens and closes by keys and gives the focus back.
  await page.getByRole('button', { name: "What's new" }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('Bo confirmed what they owe you.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(/^What's new/)
})

/**
 * One person on four screens: two tabs of one browser, another browser, and a phone. Whatever is
 * marked in any of them, whoever was offline and whatever was killed meanwhile, all say the same.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, signIn, signUpWithPassword, writeDown } from './browser.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail, killService } from './stack.ts'

const patience = { timeout: 45_000 }
let browsers: Browser[]
let home: Page
let tab: Page
let other: Page
let phone: Page
let bo: Person
let email: string

beforeAll(async () => {
  browsers = await Promise.all([openBrowser(), openBrowser()])
  const [first, second] = browsers
  if (first === undefined || second === undefined) throw new Error('no browsers')
  email = freshEmail('ana')
  home = await openPage(first)
  await signUpWithPassword(home, 'Ana', email)
  tab = await home.context().newPage()
  other = await openPage(second)
  phone = await openPage(second, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  })
  for (const page of [other, phone]) await signIn(page, email)
  for (const page of [tab, other, phone]) {
    await page.goto('/news')
    await page.getByText('All caught up.').first().waitFor()
  }
  bo = await signUpByHttp('Bo', freshEmail('bo'))
})
afterAll(() => Promise.all(browsers.map((browser) => browser.close())))

/** Bo writes down what Bo owes Ana: it counts at once, and rings. */
const owe = async (what: string) => {
  const { status } = await bo.post('/v1/debts', {
    role: 'borrower',
    counterparty: { email, name: 'Ana' },
    opening: { minor: '1000', currency: 'EUR' },
    description: what,
  })
  expect(status).toBe(201)
}

const line = (page: Page) => page.locator('main ol > li')
const unreadLines = (page: Page) => line(page).filter({ hasText: 'Unread:' })
const bell = (page: Page) => page.getByRole('button', { name: /^What's new/ })

const unseenOn = async (page: Page): Promise<number> => {
  const name = (await bell(page).getAttribute('aria-label')) ?? ''
  return Number(/(\d+) new$/.exec(name)?.[1] ?? 0)
}

interface Shown {
  unseen: number
  unread: number
  lines: number
}

/** What each screen says; home has only the bell. */
const screens = async () => ({
  bells: await Promise.all([home, tab, other, phone].map(unseenOn)),
  unread: await Promise.all([tab, other, phone].map((page) => unreadLines(page).count())),
  lines: await Promise.all([tab, other, phone].map((page) => line(page).count())),
})
const everywhere = ({ unseen, unread, lines }: Shown) => ({
  bells: [unseen, unseen, unseen, unseen],
  unread: [unread, unread, unread],
  lines: [lines, lines, lines],
})

it('counts the same everywhere when news come', async () => {
  for (const what of ['groceries', 'taxi', 'tickets']) await owe(what)
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 3, unread: 3, lines: 3 }))
})

it('agrees after one tab has seen them', async () => {
  await bell(home).click()
  await expect.poll(() => unseenOn(home), patience).toBe(0)
  await home.getByRole('button', { name: 'Close' }).click()
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 0, unread: 3, lines: 3 }))
})

it('agrees after the phone has read one, and after another browser has put one away', async () => {
  await line(phone).first().getByRole('link').click()
  await phone.getByTestId('balance').waitFor()
  await phone.goBack()
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 0, unread: 2, lines: 3 }))
  await line(other).nth(1).getByRole('button', { name: 'Put away' }).click()
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 0, unread: 1, lines: 2 }))
  await other.goto('/news?show=away')
  await expect.poll(() => line(other).count(), patience).toBe(1)
  await other.goto('/news')
})

it('agrees after a spell without a network, in which others went on', async () => {
  await phone.context().setOffline(true)
  await phone.getByText("You're offline.").waitFor()
  await owe('dinner')
  await expect.poll(() => unseenOn(home), patience).toBe(1)
  await expect.poll(() => unreadLines(tab).count(), patience).toBe(2)
  await unreadLines(tab).last().getByRole('button', { name: 'Put away' }).click()
  await expect.poll(() => unreadLines(tab).count(), patience).toBe(1)
  // The phone knows of none of it.
  await expect.poll(() => line(phone).count()).toBe(2)
  await phone.context().setOffline(false)
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 1, unread: 1, lines: 2 }))
})

it('agrees after the notifier was killed', async () => {
  killService('notifier')
  await owe('cinema')
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 2, unread: 2, lines: 3 }))
  await tab.getByRole('button', { name: 'Mark all as read' }).click()
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 0, unread: 0, lines: 3 }))
})

it('agrees after the tab that held the socket was closed', async () => {
  const next = await home.context().newPage()
  await next.goto('/')
  await home.close()
  home = next
  await owe('books')
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 1, unread: 1, lines: 4 }))
  await line(tab).first().getByRole('button', { name: 'Put away' }).click()
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 0, unread: 0, lines: 3 }))
})

it('shows what I did myself on my other screens, and rings nowhere', async () => {
  await writeDown(home, { direction: 'You borrowed', who: 'Cleo', amount: '12', what: 'a book' })
  await home.getByTestId('balance').waitFor()
  await expect.poll(screens, patience).toEqual(everywhere({ unseen: 0, unread: 0, lines: 4 }))
  await expect
    .poll(async () => (await line(phone).first().innerText()).replace(/\s+/g, ' '))
    .toMatch(/^You noted/)
})

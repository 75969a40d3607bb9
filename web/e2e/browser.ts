/** A real browser, and what people do in it more than once. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { codeFor } from './inbox.ts'
import { browserPath, frontDoor } from './stack.ts'

const waitMsMax = 20_000

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] })

/** A browser of its own for one person: cookies and storage shared with nobody. */
export const openPage = async (
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Page> => {
  const context = await browser.newContext({
    baseURL: frontDoor(),
    locale: 'en-GB',
    timezoneId: 'Europe/Brussels',
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(waitMsMax)
  const page = await context.newPage()
  // Thrown past the test, so that a page that breaks unseen fails the run all the same.
  page.on('pageerror', (error) => {
    throw error
  })
  page.on('console', (message) => {
    const text = message.text()
    if (text.includes('Content Security Policy')) throw new Error(text)
  })
  return page
}

const password = 'correct horse battery staple'

/** Fills the sign-up form, reads the mail, enters the code, and arrives at home. */
export const signUp = async (page: Page, name: string, email: string): Promise<void> => {
  await page.goto('/sign-up')
  await enterCode(page, name, email)
}

const enterCode = async (page: Page, name: string, email: string): Promise<void> => {
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await page.getByLabel('Code from the mail').fill(await codeFor(email))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Waiting for your answer' }).waitFor()
}

/** Sets a password at the sign-up, so that other browsers of the same person need no mail. */
export const signUpWithPassword = async (page: Page, name: string, email: string) => {
  await page.goto('/sign-up')
  await page.getByLabel('Password (optional)').fill(password)
  await enterCode(page, name, email)
}

/** Another browser of somebody who signed up with a password. */
export const signIn = async (page: Page, email: string): Promise<void> => {
  await page.goto('/sign-in')
  await page.getByRole('radio', { name: 'Password' }).check()
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Waiting for your answer' }).waitFor()
}

export interface NewDebt {
  direction: 'You lent' | 'You borrowed'
  who: string
  nickname?: string
  amount: string
  currency?: string
  what: string
}

/** Fills "Write it down" and sends it; the caller awaits what becomes of it. */
export const writeDown = async (page: Page, debt: NewDebt): Promise<void> => {
  await page.getByRole('link', { name: 'Write it down' }).first().click()
  await page.getByRole('radio', { name: debt.direction }).check()
  await page.getByLabel('Who').fill(debt.who)
  if (debt.nickname !== undefined) await page.getByLabel('What you call them').fill(debt.nickname)
  await page.getByLabel('Amount').fill(debt.amount)
  if (debt.currency !== undefined) await page.getByLabel('Currency').selectOption(debt.currency)
  await page.getByLabel('What for').fill(debt.what)
  await page.getByRole('button', { name: 'Write it down' }).click()
}

/** Adds an entry on a debt's page and waits until it is written down. */
export const addEntry = async (page: Page, what: string, amount: string): Promise<void> => {
  await page.getByRole('radio', { name: what }).check()
  await page.getByLabel(/^Amount/).fill(amount)
  await page.getByRole('button', { name: 'Write it down' }).click()
  await page.getByRole('status').filter({ hasText: 'Written down.' }).waitFor()
}

/** The lines of a debt's history as they read, newest first. */
export const historyOf = async (page: Page): Promise<string[]> => {
  const rows = page.getByRole('region', { name: 'History' }).getByRole('listitem')
  const texts = await rows.allInnerTexts()
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim())
}

/** What axe calls serious or worse, as `rule: target` lines. */
export const seriousFaults = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const sizes = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'desktop', width: 1280, height: 800 },
]

/** Into docs/ when asked to; a plain test run leaves the tree as it was. */
const picturesDir = (): string =>
  process.env['UPDATE_SCREENSHOTS'] === '1'
    ? join(root, 'docs', 'screenshots')
    : join(root, '.data', 'screenshots')

/** A picture at phone and at desktop width. */
export const picture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(picturesDir(), { recursive: true })
  for (const { name: size, width, height } of sizes) {
    await page.setViewportSize({ width, height })
    await page.screenshot({ path: join(picturesDir(), `${name}-${size}.png`), scale: 'css' })
  }
}

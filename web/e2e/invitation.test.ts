import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, picture, seriousFaults, signUp, writeDown } from './browser.ts'
import { codeFor } from './inbox.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page

beforeAll(async () => {
  browser = await openBrowser()
  ana = await openPage(browser)
  await signUp(ana, 'Ana', freshEmail('ana'))
})
afterAll(() => browser.close())

/** Ana writes down what only she sees, and makes a link to it. */
const makeLink = async (name: string, amount: string, what: string): Promise<string> => {
  await writeDown(ana, { direction: 'You lent', who: name, amount, what })
  await ana.getByRole('button', { name: `Show this to ${name}…` }).click()
  await ana.getByRole('button', { name: 'Make a link' }).click()
  const link = await ana.getByLabel('Link', { exact: true }).inputValue()
  await ana.getByText('Links that still work').waitFor()
  return link
}

it('shows one debt without an account, and gives its other side to who says yes', async () => {
  const link = await makeLink('Bo', '40', 'groceries')
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'invite')
  await ana.getByRole('button', { name: 'Close' }).click()

  const bo = await openPage(browser)
  await bo.goto(link)
  await bo.getByRole('heading', { name: 'Ana noted that you owe them €40.00.' }).waitFor()
  await bo.getByText('For groceries').waitFor()
  for (const colorScheme of ['dark', 'light'] as const) {
    await bo.emulateMedia({ colorScheme })
    for (const width of [360, 1280]) {
      await bo.setViewportSize({ width, height: 800 })
      expect(await seriousFaults(bo)).toEqual([])
      const overflow = await bo.locator('html').evaluate((html) => html.scrollWidth)
      expect(overflow).toBeLessThanOrEqual(width)
    }
  }
  await picture(bo, 'invitation')

  // Signing up brings Bo back to the link.
  const email = freshEmail('bo')
  await bo.getByRole('link', { name: 'Start with Quits' }).click()
  await bo.getByLabel('Your name').fill('Bo')
  await bo.getByLabel('E-mail').fill(email)
  await bo.getByRole('button', { name: 'Send me a code' }).click()
  await bo.getByLabel('Code from the mail').fill(await codeFor(email))
  await bo.getByRole('button', { name: 'Continue' }).click()
  await bo.getByRole('button', { name: "Yes, that's me" }).click()
  await bo.getByRole('heading', { name: 'You owe Ana' }).waitFor()
  await ana.getByText('Bo joined').first().waitFor()

  // The link is spent.
  const other = await openPage(browser)
  await other.goto(link)
  await other.getByRole('heading', { name: 'This link shows nothing' }).waitFor()
})

it('lets somebody say no, and lets its maker take it back', async () => {
  const refused = await makeLink('Cleo', '12', 'lunch')
  const cleo = await openPage(browser)
  await signUp(cleo, 'Cleo', freshEmail('cleo'))
  await cleo.goto(refused)
  await cleo.getByRole('button', { name: 'No, not me' }).click()
  await cleo.getByText('You said no.').waitFor()
  await ana.getByRole('button', { name: 'Close' }).click()

  const revoked = await makeLink('Dana', '9', 'taxi')
  await ana.getByRole('button', { name: 'Take this link back' }).click()
  await ana.getByText('Links that still work').waitFor({ state: 'detached' })
  await cleo.goto(revoked)
  const heading = cleo.getByRole('heading', { name: 'This link shows nothing' })
  await heading.waitFor()
  expect(await heading.count()).toBe(1)
})

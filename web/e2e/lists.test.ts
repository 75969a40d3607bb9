import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, picture, seriousFaults, signUp, writeDown } from './browser.ts'
import { signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page

const found = (page: Page) =>
  page.locator('main li a[href^="/debts/"] span:last-child').allInnerTexts()

beforeAll(async () => {
  browser = await openBrowser()
  ana = await openPage(browser)
  const email = freshEmail('ana')
  await signUp(ana, 'Ana', email)
  const bo = await signUpByHttp('Bo', freshEmail('bo'))
  await bo.post('/v1/debts', {
    role: 'borrower',
    counterparty: { email, name: 'Ana' },
    opening: { minor: '4000', currency: 'EUR' },
    description: 'groceries',
  })
  for (const debt of [
    { direction: 'You borrowed', who: 'Cleo', amount: '12', what: 'taxi home' },
    { direction: 'You lent', who: 'Kenji', amount: '1200', currency: 'JPY', what: 'ramen' },
    { direction: 'You lent', who: freshEmail('dana'), amount: '5', currency: 'EUR', what: 'tea' },
  ] as const) {
    await writeDown(ana, debt)
    await ana.getByTestId('balance').waitFor()
  }
})
afterAll(() => browser.close())

it('finds debts by words, by side and by person, and adds up what it shows', async () => {
  await ana.goto('/debts')
  await ana.getByText('ramen').waitFor()
  expect(await found(ana)).toEqual(['tea', 'ramen', 'taxi home', 'groceries'])

  await ana.getByLabel('Search').fill('taxi')
  await ana.getByText('ramen').waitFor({ state: 'detached' })
  expect(await found(ana)).toEqual(['taxi home'])
  await ana.getByLabel('Search').fill('xyzzy')
  await ana.getByText("No debt says 'xyzzy'. Try a name or what it was for.").waitFor()
  await ana.getByLabel('Search').fill('')
  await ana.getByText('ramen').waitFor()

  await ana.getByRole('link', { name: 'You owe', exact: true }).click()
  await ana.getByText('ramen').waitFor({ state: 'detached' })
  expect(await found(ana)).toEqual(['taxi home'])
  await ana.getByRole('link', { name: 'Waiting', exact: true }).click()
  await ana.getByText('taxi home').waitFor({ state: 'detached' })
  expect(await found(ana)).toEqual(['tea'])

  await ana.goto('/debts')
  for (const colorScheme of ['dark', 'light'] as const) {
    await ana.emulateMedia({ colorScheme })
    for (const width of [360, 1280]) {
      await ana.setViewportSize({ width, height: 800 })
      expect(await seriousFaults(ana)).toEqual([])
      const overflow = await ana.locator('html').evaluate((html) => html.scrollWidth)
      expect(overflow).toBeLessThanOrEqual(width)
    }
  }
  await picture(ana, 'debts')
})

it('narrows to one person, and keeps that in the address', async () => {
  await ana.goto('/debts')
  await ana.getByLabel('With').selectOption('Bo')
  await ana.getByText('ramen').waitFor({ state: 'detached' })
  expect(await found(ana)).toEqual(['groceries'])
  await ana.reload()
  await ana.getByRole('link', { name: /groceries/ }).waitFor()
  expect(await found(ana)).toEqual(['groceries'])
})

it('narrows by currency, category and days, and clears all of it at once', async () => {
  await ana.goto('/debts')
  await ana.getByText('More filters').click()
  await ana.getByLabel('Currency').selectOption('JPY')
  await ana.getByText('taxi home').waitFor({ state: 'detached' })
  expect(await found(ana)).toEqual(['ramen'])
  await ana.getByText('More filters, 1 set').waitFor()
  // A currency of its own has a total of its own.
  await expect.poll(() => ana.locator('main').getByText('+¥1,200').count()).toBe(2)
  await ana.getByRole('link', { name: 'Clear the filters' }).click()
  await ana.getByText('taxi home').waitFor()

  // Nobody filed the taxi: its category was guessed from the words.
  await ana.getByText('More filters').click()
  await ana.getByLabel('Category').selectOption('transport')
  await ana.getByText('ramen').waitFor({ state: 'detached' })
  expect(await found(ana)).toEqual(['taxi home'])
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'debts-filters')

  await ana.getByLabel('From').fill('2031-01-01')
  await ana.getByText('No debt fits these filters.').waitFor()
  await ana.reload()
  await ana.getByText('No debt fits these filters.').waitFor()
  expect(await ana.getByLabel('From').inputValue()).toBe('2031-01-01')
  await ana.getByRole('link', { name: 'Clear the filters' }).click()
  await ana.getByText('ramen').waitFor()
})

it('takes a due date and a category along', async () => {
  await ana.goto('/write')
  await ana.getByLabel('Who').fill('Farid')
  await ana.getByLabel('Amount').fill('7')
  await ana.getByLabel('What for').fill('lamp')
  await ana.getByText('More', { exact: true }).click()
  await ana.getByLabel('Due (optional)').fill('2030-05-03')
  await ana.getByLabel('Category (optional)').fill('flat')
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'write')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText('For lamp · due 3 May 2030').waitFor()
  await ana.getByRole('link', { name: 'flat, for you only' }).click()
  await ana.getByText('More filters, 1 set').waitFor()
  await expect.poll(() => found(ana)).toEqual(['lamp'])
})

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, picture, seriousFaults, signUp, writeDown } from './browser.ts'
import { codeFor, inMailTo } from './inbox.ts'
import { signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page
const anaEmail = freshEmail('ana')

beforeAll(async () => {
  browser = await openBrowser()
  ana = await openPage(browser)
  await signUp(ana, 'Ana', anaEmail)
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
  // Ana still looks at her links, and hears of it there and at the bell.
  await ana.getByText(/^Somebody said no to the link made/).waitFor()
  await ana.getByRole('button', { name: 'Close' }).click()
  await ana.getByRole('button', { name: /^What's new/ }).click()
  // The page says it aloud, too: only the line in the panel is a link.
  await ana.getByRole('link', { name: /Somebody said no to your invitation for Cleo/ }).waitFor()
  await picture(ana, 'invitation-refused')
  await ana.getByRole('button', { name: 'Close' }).click()

  const revoked = await makeLink('Dana', '9', 'taxi')
  await ana.getByRole('button', { name: 'Take this link back' }).click()
  await ana.getByText('Links that still work').waitFor({ state: 'detached' })
  await cleo.goto(revoked)
  const heading = cleo.getByRole('heading', { name: 'This link shows nothing' })
  await heading.waitFor()
  await expect.poll(() => heading.count()).toBe(1)
  await ana.getByRole('button', { name: 'Close' }).click()
})

it('mails the link with a name and an amount, and nothing else', async () => {
  const email = freshEmail('emi')
  await writeDown(ana, { direction: 'You lent', who: 'Emi', amount: '18', what: 'a secret gift' })
  await ana.getByRole('button', { name: 'Show this to Emi…' }).click()
  const dialog = ana.getByRole('dialog')

  // What cannot be an address is told at the field, before anybody is asked.
  await dialog.getByRole('button', { name: 'Send it by mail' }).click()
  await dialog.getByText('Fill this in.').waitFor()
  await dialog.getByLabel('E-mail').fill('emi@')
  await dialog.getByRole('button', { name: 'Send it by mail' }).click()
  await dialog.getByText('Write the whole address, like ana@example.com.').waitFor()
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'invite-by-mail')

  await dialog.getByLabel('E-mail').fill(email)
  await dialog.getByRole('button', { name: 'Send it by mail' }).click()
  await dialog.getByText(`A mail is on its way to ${email}. This is the link in it.`).waitFor()
  const shown = await dialog.getByLabel('Link', { exact: true }).inputValue()
  await dialog.getByText(`Mailed to ${email}`).waitFor()
  const { text, found } = await inMailTo(email, /http\S+\/invitations\/\S+/)
  expect(found).toBe(shown)
  expect(text).toContain('Ana')
  expect(text).toContain('18.00')
  expect(text).not.toContain('secret gift')

  const emi = await openPage(browser)
  await signUp(emi, 'Emi', email)
  await emi.goto(found)
  await emi.getByRole('button', { name: "Yes, that's me" }).click()
  await emi.getByRole('heading', { name: 'You owe Ana' }).waitFor()
  await ana.getByRole('button', { name: 'Close' }).click()
})

it('says at the field that an address is her own', async () => {
  await writeDown(ana, { direction: 'You lent', who: 'Finn', amount: '3', what: 'ice' })
  await ana.getByRole('button', { name: 'Show this to Finn…' }).click()
  await ana.getByRole('dialog').getByLabel('E-mail').fill(anaEmail)
  await ana.getByRole('button', { name: 'Send it by mail' }).click()
  await ana.getByText('That is your own address. Finn has another one.').waitFor()
  expect(await ana.getByLabel('E-mail').getAttribute('aria-invalid')).toBe('true')
  await ana.getByRole('button', { name: 'Close' }).click()
})

it('leads from a debt that waits to a mail that tells of it, with the address at hand', async () => {
  const email = freshEmail('gil')
  await writeDown(ana, { direction: 'You lent', who: email, amount: '5', what: 'bread' })
  await ana.getByText(`${email} finds this in Quits.`).waitFor()
  await ana.getByRole('button', { name: `Show this to ${email}…` }).click()
  expect(await ana.getByRole('dialog').getByLabel('E-mail').inputValue()).toBe(email)
  await ana.getByRole('button', { name: 'Send it by mail' }).click()
  await ana.getByText(`A mail is on its way to ${email}.`).waitFor()
})

it('shows a long history to the end, and what each line of it was', async () => {
  const kim = await signUpByHttp('Kim', freshEmail('kim'))
  const money = (minor: string) => ({ minor, currency: 'EUR' })
  const { body } = await kim.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { name: 'Lou' },
    opening: money('90000'),
    description: 'the boat',
  })
  const path = `/v1/debts/${body.id}`
  for (let payment = 1; payment <= 55; payment += 1) {
    const note = `payment ${payment}`
    const entry = { kind: 'repayment', amount: money('100'), note }
    expect((await kim.post(`${path}/transactions`, entry)).status).toBe(201)
  }
  const made = await kim.post<{ link: string }>(`${path}/invitations`, {})
  const lou = await openPage(browser)
  await lou.goto(made.body.link)
  const rows = lou.getByRole('region', { name: 'What was written down' }).getByRole('listitem')
  await rows.first().getByText('payment 55').waitFor()
  await expect.poll(() => rows.count()).toBe(50)
  await lou.getByRole('button', { name: 'Show earlier' }).click()
  await rows.getByText('You borrowed').waitFor()
  await expect.poll(() => rows.count()).toBe(56)
  expect((await rows.first().innerText()).replaceAll(/\s+/g, ' ')).toMatch(
    /^You paid back payment 55 Kim wrote this · .* −€1\.00 ?minus €1\.00$/,
  )
})

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  addEntry,
  historyOf,
  openBrowser,
  openPage,
  picture,
  seriousFaults,
  signUp,
  writeDown,
} from './browser.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page
let bo: Person
const anaEmail = freshEmail('ana')
const boEmail = freshEmail('bo')

const money = (minor: string) => ({ minor, currency: 'EUR' })
const idOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''

const lendsAna = async (who: Person, minor: string, description: string): Promise<string> => {
  const { body } = await who.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { email: anaEmail, name: 'Ana' },
    opening: money(minor),
    description,
  })
  return body.id
}

/** The newest row of a debt's history, as `who` reads it. */
const newestRow = async (who: Person, debtId: string) => {
  const path = `/v1/debts/${debtId}/transactions`
  const { body } = await who.get<{ items: { seq: number; kind: string }[] }>(path)
  return body.items[0]
}

beforeAll(async () => {
  browser = await openBrowser()
  ana = await openPage(browser)
  await signUp(ana, 'Ana', anaEmail)
  bo = await signUpByHttp('Bo', boEmail)
})
afterAll(() => browser.close())

it('says what is not right about a debt, and what would be', async () => {
  const id = await lendsAna(bo, '40000', 'groceries')
  await ana.goto('/')
  const question = ana.getByRole('article').filter({ hasText: 'for groceries.' })
  await question.getByRole('button', { name: 'Not quite…' }).click()
  const dialog = ana.getByRole('dialog')
  expect(await dialog.getByRole('radio').evaluateAll((radios) => radios.length)).toBe(4)
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'not-quite')
  await dialog.getByLabel(/^What would be right/).fill('40')
  await dialog.getByRole('button', { name: 'Tell Bo' }).click()
  await question.waitFor({ state: 'detached' })
  expect(await newestRow(bo, id)).toMatchObject({
    kind: 'declined',
    reason: 'The amount is wrong',
    suggested: money('4000'),
  })
})

it('tells its author why, and writes down what would be right', async () => {
  const debt = { direction: 'You lent', who: boEmail, nickname: 'Bo', amount: '400' } as const
  await writeDown(ana, { ...debt, what: 'rent' })
  await ana.getByRole('heading', { name: 'Bo owes you' }).waitFor()
  const refused = { reason: 'The amount is wrong', amount: money('4000') }
  await bo.post(`/v1/debts/${idOf(ana)}/decline`, refused)
  await ana.getByRole('heading', { name: 'Not agreed with Bo' }).waitFor()
  await ana.getByText('Bo said: The amount is wrong').waitFor()
  await ana.getByText('€40.00 would be right.').waitFor()
  await picture(ana, 'declined')
  await ana.getByRole('link', { name: 'Write down €40.00 instead' }).click()
  await ana.getByLabel('Who').fill(boEmail)
  expect(await ana.getByLabel('Amount').inputValue()).toBe('40.00')
  expect(await ana.getByLabel('What for').inputValue()).toBe('rent')
  await ana.getByLabel('What you call them').fill('Bo')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText("Bo owes you €40.00 · Bo hasn't confirmed yet").waitFor()

  // The same inside a debt: one press puts the right amount in the place of the wrong one.
  const id = idOf(ana)
  await bo.post(`/v1/debts/${id}/accept`, {})
  await ana.getByText('Bo confirmed €40.00').waitFor()
  await addEntry(ana, 'You lent more', '100')
  const asked = await newestRow(bo, id)
  await bo.post(`/v1/debts/${id}/transactions/${asked?.seq}/decline`, {
    reason: 'The amount is wrong',
    amount: money('1000'),
  })
  await ana.getByText('€10.00 would be right').waitFor()
  await ana.getByRole('button', { name: 'Write down €10.00 instead' }).click()
  await ana.getByText('€10.00 more once confirmed').waitFor()
})

it('corrects the day alone, without an arrow', async () => {
  await ana.getByRole('button', { name: 'Correct… You lent, €40.00' }).click()
  const dialog = ana.getByRole('dialog')
  await dialog.getByLabel('When').fill('2026-01-02')
  await dialog.getByRole('button', { name: 'Correct it' }).click()
  await ana.getByText('Corrected by you').waitFor()
  expect((await historyOf(ana))[0]).toMatch(/^You lent .*You wrote this · 2 January/)
})

it('offers to spare the question right after the second yes', async () => {
  await lendsAna(bo, '500', 'coffee')
  await ana.goto('/')
  const yes = async (what: string) => {
    const question = ana.getByRole('article').filter({ hasText: `for ${what}.` })
    await question.getByRole('button', { name: "Yes, that's right" }).click()
    await question.waitFor({ state: 'detached' })
  }
  await yes('coffee')
  const offer = ana.getByText('You have confirmed what Bo wrote down more than once.')
  await ana.getByText('Nothing needs your answer.').waitFor()
  expect(await offer.count()).toBe(0)
  await lendsAna(bo, '600', 'cake')
  await yes('cake')
  await offer.waitFor()
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'consent-offer')
  await ana.getByRole('link', { name: 'Choose' }).click()
  await ana.getByRole('heading', { name: 'When Bo writes something down' }).waitFor()
})

it('writes something down with somebody known, by their page or by their name', async () => {
  await ana.getByRole('link', { name: 'Write something down with Bo' }).click()
  await ana.getByText('The Bo you share debts with. They see it.').waitFor()
  expect(await ana.getByLabel('Who').inputValue()).toBe('Bo')
  await ana.getByLabel('Amount').fill('3')
  await ana.getByLabel('What for').fill('stamps')
  await ana.getByText('Bo will be asked to confirm.').waitFor()
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText("Bo owes you €3.00 · Bo hasn't confirmed yet").waitFor()
  expect((await bo.get(`/v1/debts/${idOf(ana)}`)).body).toMatchObject({ role: 'borrower' })

  await ana.goto('/write')
  await ana.getByLabel('Who').fill('bo')
  await ana.getByRole('button', { name: 'Somebody else called bo' }).click()
  await ana.getByLabel('Amount').fill('4')
  await ana.getByLabel('What for').fill('soap')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByRole('heading', { name: 'bo owes you' }).waitFor()
  await ana.getByText('Only you see this.').last().waitFor()
})

it('says no to a stranger and keeps them away, in one answer', async () => {
  const zed = await signUpByHttp('Zed', freshEmail('zed'))
  await lendsAna(zed, '99900', 'nothing at all')
  await ana.goto('/')
  const question = ana.getByRole('article').filter({ hasText: 'for nothing at all.' })
  await question.getByRole('button', { name: 'Not quite…' }).click()
  await ana.getByRole('radio', { name: "I don't know Zed" }).check()
  await ana.getByRole('checkbox', { name: /^Block Zed too/ }).check()
  await ana.getByRole('button', { name: 'Tell Zed' }).click()
  await question.waitFor({ state: 'detached' })
  await ana.goto(`/people/${zed.id}`)
  await ana.getByText('You blocked Zed. Nothing they write down reaches you.').waitFor()

  // To Zed the next one looks like any other; Ana never hears of it.
  const again = await lendsAna(zed, '100', 'something else')
  expect((await zed.get(`/v1/debts/${again}`)).body).toMatchObject({ status: 'proposed' })
  await ana.goto('/')
  await ana.getByText('Nothing needs your answer.').waitFor()
})

it('tells limits at the field, and sends nothing beyond them', async () => {
  await ana.goto('/write')
  const sent: string[] = []
  ana.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/v1/debts')) sent.push('debt')
  })
  await ana.getByLabel('Who').fill('x'.repeat(81))
  await ana.getByText('At most 80 characters: 1 too many.').waitFor()
  await ana.getByLabel('Amount').fill('10000000000001')
  await ana.getByLabel('What for').fill('y'.repeat(190))
  await ana.getByText('10 characters left.').waitFor()
  await ana.getByLabel('When', { exact: true }).fill('1899-12-31')
  await ana.getByText('Choose a day from 1900 on.').waitFor()
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText('That is more than Quits can keep: at most €10,000,000,000,000.00.').waitFor()
  await ana.getByLabel('Who').and(ana.locator(':focus')).waitFor()
  expect(await ana.getByLabel('Who').inputValue()).toBe('x'.repeat(81))
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'limits')
  await ana.getByLabel('Amount').fill('1')
  await ana.getByLabel('When', { exact: true }).fill('2026-01-02')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByLabel('Who').and(ana.locator(':focus')).waitFor()
  expect(sent).toEqual([])
  await ana.getByLabel('Who').fill('Xaver')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByRole('heading', { name: 'Xaver owes you' }).waitFor()
  expect(sent).toEqual(['debt'])
})

it('says at the field that the day has seen enough new addresses', async () => {
  await ana.route('**/v1/debts', (route) =>
    route.fulfill({
      status: 429,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'too_many_first_contacts', status: 429 }),
    }),
  )
  await ana.goto('/write')
  await ana.getByLabel('Who').fill(freshEmail('gus'))
  await ana.getByLabel('Amount').fill('1')
  await ana.getByLabel('What for').fill('gum')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText('Nothing was saved or sent.').waitFor()
  expect(await ana.getByLabel('Who').getAttribute('aria-invalid')).toBe('true')
  expect(await ana.getByRole('alert').count()).toBe(0)
  await ana.unrouteAll()
})

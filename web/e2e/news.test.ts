import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, picture, seriousFaults, signUp } from './browser.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page
let bo: Person
let debtId: string

const money = (minor: string) => ({ minor, currency: 'EUR' })
const lines = async (page: Page) =>
  (await page.locator('main ol > li a').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))

beforeAll(async () => {
  browser = await openBrowser()
  ana = await openPage(browser)
  const email = freshEmail('ana')
  await signUp(ana, 'Ana', email)
  bo = await signUpByHttp('Bo', freshEmail('bo'))
  const { body } = await bo.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { email, name: 'Ana' },
    opening: money('4000'),
    description: 'groceries',
  })
  debtId = body.id
  await ana.getByRole('button', { name: "Yes, that's right" }).click()
  await ana.getByText('Nothing needs your answer.').waitFor()
  for (const minor of ['100', '200', '300']) {
    const path = `/v1/debts/${debtId}/transactions`
    await bo.post(path, { kind: 'repayment', amount: money(minor) })
  }
  await ana.getByText('You owe Bo €34.00.').first().waitFor()
})
afterAll(() => browser.close())

it('gathers several of a kind into one line that opens', async () => {
  await ana.getByRole('button', { name: /^What's new/ }).click()
  await ana.getByRole('link', { name: 'See everything' }).click()
  await ana.getByRole('heading', { name: "What's new", level: 1 }).waitFor()
  await ana.getByText('3 payments from Bo').waitFor()
  expect((await lines(ana))[0]).toMatch(/3 payments from Bo$/)
  await ana.getByRole('button', { name: 'Show all 3' }).click()
  await ana.getByText('Bo noted that you paid back €2.00.').waitFor()
  for (const colorScheme of ['dark', 'light'] as const) {
    await ana.emulateMedia({ colorScheme })
    for (const width of [360, 1280]) {
      await ana.setViewportSize({ width, height: 800 })
      expect(await seriousFaults(ana)).toEqual([])
      const overflow = await ana.locator('html').evaluate((html) => html.scrollWidth)
      expect(overflow).toBeLessThanOrEqual(width)
    }
  }
  await picture(ana, 'news')
})

it('keeps a line of unread news open, with a way to each, until it is folded', async () => {
  await ana.goto('/news')
  await ana.getByRole('link', { name: 'Unread', exact: true }).click()
  await ana.getByRole('button', { name: 'Show all 3' }).click()
  const single = ana.getByRole('link', { name: 'Bo noted that you paid back €2.00.' })
  await single.waitFor()
  // Whatever changes meanwhile: the list is read again, and the line stays as it was.
  const read = ana.waitForResponse((response) => response.url().includes('grouped=true'))
  const path = `/v1/debts/${debtId}/transactions`
  const asked = await bo.post<{ seq: number }>(path, { kind: 'advance', amount: money('100') })
  await read
  expect(await single.getAttribute('href')).toMatch(new RegExp(`^/debts/${debtId}#entry-\\d+$`))
  await bo.post(`${path}/${asked.body.seq}/withdraw`, {})
  await ana.getByRole('button', { name: 'Show less' }).click()
  await ana.getByText('3 payments from Bo').waitFor({ state: 'detached' })
})

it('shows what is unread, and marks it read', async () => {
  await ana.goto('/news')
  await ana.getByRole('link', { name: 'Unread', exact: true }).click()
  await ana.getByText('Bo noted that you owe them €40.00. Is that right?').waitFor()
  await ana.getByRole('button', { name: 'Mark all as read' }).click()
  await ana.getByText('Nothing unread.').waitFor()
  const { body } = await bo.get<{ items: unknown[] }>('/v1/notifications?status=unread')
  expect(body.items.length).toBeGreaterThan(0)
})

it('does not ring for what was muted', async () => {
  await ana.goto(`/debts/${debtId}`)
  await ana.getByRole('button', { name: "Don't ring for this debt" }).click()
  await ana.getByRole('button', { name: 'Ring for this debt again' }).waitFor()
  const path = `/v1/debts/${debtId}/transactions`
  await bo.post(path, { kind: 'repayment', amount: money('400') })
  await ana.getByTestId('balance').getByText('€30.00').waitFor()
  await ana.getByRole('button', { name: "What's new", exact: true }).waitFor()
  await ana.getByRole('button', { name: 'Ring for this debt again' }).click()
  await ana.getByRole('button', { name: "Don't ring for this debt" }).waitFor()
  await bo.post(path, { kind: 'repayment', amount: money('500') })
  await ana.getByRole('button', { name: "What's new, 1 new" }).waitFor()
  await ana.getByTestId('balance').getByText('€25.00').waitFor()
  // What came muted is told in the news all the same, in a line of its own.
  await ana.goto('/news')
  await ana.getByText('Bo noted that you paid back €4.00.').waitFor()
  expect((await lines(ana))[0]).toMatch(/^Unread: 4 payments from Bo$/)
})

it('is narrowed to a kind or a debt, and a kind can be muted', async () => {
  await ana.goto(`/debts/${debtId}`)
  await ana.getByRole('link', { name: "What's new about this" }).click()
  await ana.getByRole('heading', { name: "What's new", level: 1 }).waitFor()
  const about = ana.getByLabel('About')
  expect(await about.locator('option:checked').innerText()).toBe('groceries · Bo')
  await ana.getByLabel('Kind').selectOption('Payments and other entries')
  await ana.getByText('Bo noted that you owe them €40.00. Is that right?').waitFor({
    state: 'detached',
  })
  expect((await lines(ana)).every((line) => /payments? |paid back/.test(line))).toBe(true)

  await ana.getByRole('button', { name: "Don't ring for this kind" }).click()
  await ana.getByRole('button', { name: 'Ring for this kind again' }).waitFor()
  const path = `/v1/debts/${debtId}/transactions`
  await bo.post(path, { kind: 'repayment', amount: money('600') })
  await ana.getByText('2 payments from Bo').waitFor()
  await ana.getByRole('button', { name: "What's new, 1 new" }).waitFor()
  await ana.getByRole('button', { name: 'Ring for this kind again' }).click()
  await ana.getByRole('button', { name: "Don't ring for this kind" }).waitFor()
})

it('puts news away, for all pages, and finds them where they went', async () => {
  await ana.goto('/news')
  const said = ana.getByText('2 payments from Bo')
  const item = ana.locator('main ol > li').filter({ has: said })
  await item.getByRole('button', { name: 'Put away' }).click()
  await said.waitFor({ state: 'detached' })
  await ana.getByRole('link', { name: 'Put away', exact: true }).click()
  await said.waitFor()
  expect(await lines(ana)).toEqual(['2 payments from Bo'])
})

it('says a correction in one line, which leads to the entry', async () => {
  const path = `/v1/debts/${debtId}/transactions`
  const { body } = await bo.get<{ items: { seq: number; amount: { minor: string } }[] }>(path)
  const wrong = body.items.find(({ amount }) => amount.minor === '200')
  await bo.post(`${path}/${wrong?.seq}/amend`, { amount: money('250'), reason: 'receipt' })
  await ana.goto('/news')
  const line = ana.getByRole('link', { name: 'Bo put an entry right.' })
  await line.click()
  const entry = ana.locator('li:focus')
  await entry.getByText('€2.00 → €2.50, corrected by Bo · receipt').waitFor()
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'entry')

  // Again from a page that knows the debt already: its heading must not take the focus.
  await ana.getByRole('button', { name: /^What's new/ }).click()
  await ana.getByRole('link', { name: 'Bo noted that you paid back €6.00.' }).first().click()
  await ana.locator('li:focus').getByText('−€6.00').waitFor()
  await ana.getByRole('link', { name: 'Home' }).first().click()
  await ana.getByRole('heading', { name: 'You owe Bo' }).waitFor({ state: 'detached' })
  await ana.getByRole('button', { name: /^What's new/ }).click()
  await ana.getByRole('link', { name: 'Bo noted that you paid back €5.00.' }).first().click()
  await ana.locator('li:focus').getByText('−€5.00').waitFor()
})

it('leads to an entry, however many have come since', async () => {
  const path = `/v1/debts/${debtId}/transactions`
  for (let cents = 1; cents <= 60; cents += 1) {
    await bo.post(path, { kind: 'repayment', amount: money('1') })
  }
  await ana.goto(`/debts/${debtId}#entry-1`)
  const entry = ana.locator('li:focus')
  await entry.getByText('€40.00').first().waitFor()
  const history = ana.getByRole('region', { name: 'History' })
  await expect.poll(() => history.getByRole('button', { name: 'Show earlier' }).count()).toBe(0)
})

it('says quietly when news may come late, and no longer than that', async () => {
  const counts = { unseen: 0, unread: 0 }
  const welcome = { epoch: 1, head: 1, counts, pingMs: 25_000, recovered: false, degraded: true }
  let inTime = () => undefined as void
  await ana.routeWebSocket(/\/v1\/feed$/, (socket) => {
    inTime = () => socket.send(JSON.stringify({ type: 'ping', head: 1 }))
    socket.onMessage((message) => {
      if (String(message).includes('"connect"')) {
        socket.send(JSON.stringify({ type: 'welcome', ...welcome }))
      }
    })
  })
  await ana.goto('/news')
  const word = ana.getByText("What's new may come a little late just now. Nothing is lost.")
  await word.waitFor()
  expect(await seriousFaults(ana)).toEqual([])
  inTime()
  await word.waitFor({ state: 'hidden' })
})

it('says honestly when some of what was missed is too old to be listed', async () => {
  // What a server says whose retention has passed this browser's place.
  const counts = { unseen: 0, unread: 0 }
  const welcome = { epoch: 1, head: 900, counts, pingMs: 25_000, recovered: false }
  await ana.routeWebSocket(/\/v1\/feed$/, (socket) => {
    socket.onMessage(() => {
      socket.send(JSON.stringify({ type: 'welcome', ...welcome }))
      socket.send(JSON.stringify({ type: 'gap', earliest: 800, head: 900 }))
    })
  })
  await ana.reload()
  const word = ana.getByText('You were away for long: some of what happened then is too old')
  await word.waitFor()
  expect(await seriousFaults(ana)).toEqual([])
  await ana.getByRole('button', { name: 'All right' }).click()
  await word.waitFor({ state: 'detached' })
})

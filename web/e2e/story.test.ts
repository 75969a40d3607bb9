import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addEntry, historyOf, openBrowser, openPage, signUp, writeDown } from './browser.ts'
import { codeFor } from './inbox.ts'
import { signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

/** One Ana for the short tests: sign-ups of one address are limited, for tests too. */
const aloneEmail = freshEmail('ana')
let alone: Promise<Page> | undefined
const anaAlone = (): Promise<Page> => {
  alone ??= openPage(browser).then(async (page) => {
    await signUp(page, 'Ana', aloneEmail)
    return page
  })
  return alone
}

const bell = (page: Page) => page.getByRole('button', { name: /^What's new/ })

/** Waits for the debt's page to say how it stands. */
const seeBalance = (page: Page, amount: string) =>
  page.getByTestId('balance').getByText(amount, { exact: true }).waitFor()

/** Opens the bell's panel, says what is new in it, and closes it when that was seen. */
const readBell = async (page: Page): Promise<string[]> => {
  const marked = page.waitForResponse('**/v1/notifications/marks')
  await bell(page).click()
  await marked
  const fresh = page.getByRole('dialog').getByRole('link').filter({ hasText: 'New:' })
  const texts = await fresh.locator('span.money').allTextContents()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: "What's new", exact: true }).waitFor()
  return texts
}

/** Collects the events that reach a page over its sockets, from before the page is opened. */
const hearEvents = (page: Page): number[] => {
  const seqs: number[] = []
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const frame = JSON.parse(payload.toString()) as { type: string; seq: number }
      if (frame.type === 'event') seqs.push(frame.seq)
    }),
  )
  return seqs
}

it('tells the whole story: proposed, confirmed, paid back, and nothing missed', async () => {
  const boEmail = freshEmail('bo')
  const ana = await openPage(browser)
  await signUp(ana, 'Ana', freshEmail('ana'))
  await writeDown(ana, {
    direction: 'You lent',
    who: boEmail,
    nickname: 'Bo',
    amount: '40.00',
    what: 'groceries',
  })
  await ana.getByRole('heading', { name: 'Bo owes you' }).waitFor()
  await ana.getByText("Bo owes you €40.00 · Bo hasn't confirmed yet").waitFor()

  // Bo comes, and the debt that waits for this address arrives.
  const bo = await openPage(browser)
  await signUp(bo, 'Bo', boEmail)
  await bo.getByText('Ana noted that you owe them €40.00 for groceries.').waitFor()
  await bo.getByRole('button', { name: "What's new, 1 new" }).waitFor()
  await bo.getByRole('button', { name: "Yes, that's right" }).click()
  await bo.getByText('Nothing needs your answer.').waitFor()

  // Ana's open page follows without a reload.
  await ana.getByText('Bo confirmed €40.00').waitFor()
  await seeBalance(ana, '€40.00')

  await bo.getByRole('link', { name: /Ana.*groceries/ }).click()
  await bo.getByRole('heading', { name: 'You owe Ana' }).waitFor()
  await addEntry(bo, 'You paid back', '15,00')
  await ana.getByText('Bo noted that they paid you back €15.00.').waitFor()
  await ana.getByRole('button', { name: "Yes, that's right" }).click()
  await Promise.all([seeBalance(ana, '€25.00'), seeBalance(bo, '€25.00')])

  await bo.getByText('You confirmed €40.00').waitFor()
  expect(await historyOf(ana)).toEqual([
    expect.stringMatching(/^You confirmed €15\.00/),
    expect.stringMatching(/^Bo paid back Bo wrote this .*minus €15\.00 then €25\.00$/),
    expect.stringMatching(/^Bo confirmed €40\.00/),
    expect.stringMatching(/^You lent groceries You wrote this .*plus €40\.00 then €40\.00$/),
  ])
  expect(await historyOf(bo)).toEqual([
    expect.stringMatching(/^Ana confirmed €15\.00/),
    expect.stringMatching(/^You paid back You wrote this .*minus €15\.00 then €25\.00$/),
    expect.stringMatching(/^You confirmed €40\.00/),
    expect.stringMatching(/^You borrowed groceries Ana wrote this .*plus €40\.00 then €40\.00$/),
  ])

  // Bo has seen everything and closes the browser; Ana goes on.
  await bo.getByRole('button', { name: /^What's new, \d+ new$/ }).waitFor()
  await readBell(bo)
  const kept = await bo.context().storageState()
  await bo.context().close()
  for (const amount of ['1', '2', '3']) await addEntry(ana, 'Bo paid back', amount)
  await seeBalance(ana, '€19.00')

  const boAgain = await openPage(browser, { storageState: kept })
  const events = hearEvents(boAgain)
  await boAgain.goto('/')
  await boAgain.getByRole('button', { name: "What's new, 3 new" }).waitFor()
  await boAgain.getByText('You owe Ana €19.00.').first().waitFor()
  expect(await readBell(boAgain)).toEqual([
    expect.stringContaining('Ana noted that you paid back €3.00.'),
    expect.stringContaining('Ana noted that you paid back €2.00.'),
    expect.stringContaining('Ana noted that you paid back €1.00.'),
  ])
  const [first = 0] = events
  expect(events).toEqual([first, first + 1, first + 2])

  // The twin: a browser that forgot its place is told of no past, and the check above would see it.
  const withoutPlace = { ...kept, origins: [] }
  const forgetful = await openPage(browser, { storageState: withoutPlace })
  const heard = hearEvents(forgetful)
  await forgetful.goto('/')
  await forgetful.getByText('You owe Ana €19.00.').first().waitFor()
  expect(heard).toEqual([])
  await Promise.all([ana, boAgain, forgetful].map((page) => page.context().close()))
})

it('says too much before it is too much, and strikes the balance at zero', async () => {
  const ana = await anaAlone()
  await writeDown(ana, { direction: 'You lent', who: 'Cleo', amount: '43,50', what: 'tickets' })
  await seeBalance(ana, '€43.50')
  await ana.getByLabel(/^Amount/).fill('50')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByText('Nothing was saved. Cleo owes you €43.50, so €50.00 is too much.').waitFor()
  await ana.getByRole('button', { name: 'Record €43.50' }).click()
  await seeBalance(ana, '€0.00')
  await expect
    .poll(() => ana.getByRole('heading', { level: 1 }).innerText())
    .toBe('You and Cleo are quits')
})

it('shows and takes yen without decimals and dinars with three', async () => {
  const ana = await anaAlone()
  const ramen = { direction: 'You lent', who: 'Kenji', currency: 'JPY', what: 'ramen' } as const
  await writeDown(ana, { ...ramen, amount: '1200.5' })
  await ana.getByText('JPY has no decimals. Write it like 1250.').waitFor()
  await ana.getByLabel('Amount').fill('1,200')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await seeBalance(ana, '¥1,200')

  const taxi = { direction: 'You borrowed', who: 'Farid', currency: 'KWD', what: 'taxi' } as const
  await writeDown(ana, { ...taxi, amount: '1.2505' })
  await ana.getByText('KWD has at most 3 decimals. Write it like 1250.500.').waitFor()
  await ana.getByLabel('Amount').fill('1.250')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await seeBalance(ana, 'KWD\u00a01.250')

  await ana.getByRole('link', { name: 'Home' }).first().click()
  const standing = ana.locator('p', { hasText: /^Kenji owes you/ })
  // Their names come with another answer than the sums.
  await expect
    .poll(async () => (await standing.innerText()).trim())
    .toBe('Kenji owes you ¥1,200. You owe Farid KWD\u00a01.250.')
})

it('lets a person say what is not right, and tells the other one', async () => {
  const ana = await anaAlone()
  await ana.goto('/')
  await ana.getByText('Nothing needs your answer.').waitFor()
  const bo = await signUpByHttp('Bo', freshEmail('bo'))
  const opened = await bo.post<{ id: string }>('/v1/debts', {
    role: 'lender',
    counterparty: { email: aloneEmail, name: 'Ana' },
    opening: { minor: '9900', currency: 'EUR' },
    description: 'concert',
  })
  await ana.getByRole('link', { name: /you owe them €99\.00 for concert/ }).click()
  await ana.getByRole('button', { name: 'Not quite…' }).click()
  await ana.getByLabel(/^What would be right/).fill('19,00')
  await ana.getByRole('button', { name: 'Tell Bo' }).click()
  await ana.getByText('Not agreed. This counts for nobody.').waitFor()
  await ana.getByText('You said: The amount is wrong').waitFor()
  expect((await historyOf(ana))[0]).toMatch(
    /^You said not quite to €99\.00 · The amount is wrong · €19\.00 would be right/,
  )
  const debt = await bo.get(`/v1/debts/${opened.body.id}`)
  expect(debt.body).toMatchObject({ status: 'declined', balance: { minor: '0' } })
})

it('keeps a person signed in over a reload, lets go on sign-out and lets in by code', async () => {
  const ana = await anaAlone()
  await ana.goto('/')
  await ana.reload()
  await ana.getByText('Nothing needs your answer.').waitFor()
  await ana.getByRole('button', { name: 'You: Ana' }).click()
  await ana.getByRole('button', { name: 'Sign out' }).click()
  await ana.getByRole('heading', { name: 'Welcome back' }).waitFor()
  const refused = ana.waitForResponse('**/v1/auth/refresh')
  await ana.goto('/debts')
  expect((await refused).status()).toBe(401)
  await ana.getByLabel('E-mail').fill(aloneEmail)
  await ana.getByRole('button', { name: 'Send me a code' }).click()
  await ana.getByLabel('Code from the mail').fill(await codeFor(aloneEmail, 1))
  await ana.getByRole('button', { name: 'Continue' }).click()
  await ana.getByRole('button', { name: 'You: Ana' }).waitFor()
})

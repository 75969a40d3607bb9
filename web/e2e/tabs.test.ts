import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, signUp } from './browser.ts'
import { signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

/** Sockets of the feed that a page opened. */
const countSockets = (page: Page) => {
  const opened: string[] = []
  page.on('websocket', (socket) => opened.push(socket.url()))
  return opened
}

it('holds one socket for two tabs, and passes it on when its tab is closed', async () => {
  const email = freshEmail('ana')
  const first = await openPage(browser)
  const ofFirst = countSockets(first)
  await signUp(first, 'Ana', email)
  const bo = await signUpByHttp('Bo', freshEmail('bo'))
  const ask = (minor: string, description: string) =>
    bo.post('/v1/debts', {
      role: 'lender',
      counterparty: { email, name: 'Ana' },
      opening: { minor, currency: 'EUR' },
      description,
    })

  const second = await first.context().newPage()
  const ofSecond = countSockets(second)
  await second.goto('/')
  await second.getByText('Nothing needs your answer.').waitFor()
  await ask('4000', 'groceries')
  for (const page of [first, second]) {
    await page.getByText('Bo noted that you owe them €40.00 for groceries.').waitFor()
    await page.getByRole('button', { name: "What's new, 1 new" }).waitFor()
  }
  expect(ofFirst).toHaveLength(1)
  expect(ofSecond).toHaveLength(0)

  await first.close()
  await ask('900', 'taxi')
  await second.getByText('Bo noted that you owe them €9.00 for taxi.').waitFor()
  await second.getByRole('button', { name: "What's new, 2 new" }).waitFor()
  expect(ofSecond).toHaveLength(1)
})

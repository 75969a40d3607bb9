/** Somebody comes back to thousands of things: all of them arrive, and the page stays usable. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, signIn, signUpWithPassword } from './browser.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

// Within the rate limit of one person, and the limit of rows before the other takes their seat.
const friends = 20
const debtsOfEach = 5
const rowsOfEach = 50
const missed = friends * debtsOfEach * rowsOfEach

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

const money = { minor: '100', currency: 'EUR' }

/** A friend borrows, and then again and again: each entry counts at once, and rings. */
const borrow = async (friend: Person, email: string) => {
  for (let debt = 0; debt < debtsOfEach; debt += 1) {
    const opened = await friend.post<{ id: string }>('/v1/debts', {
      role: 'borrower',
      counterparty: { email, name: 'Ana' },
      opening: money,
      description: 'a round',
    })
    expect(opened.status).toBe(201)
    const path = `/v1/debts/${opened.body.id}/transactions`
    for (let row = 1; row < rowsOfEach; row += 1) {
      expect((await friend.post(path, { kind: 'advance', amount: money })).status).toBe(201)
    }
  }
}

/** The seq up to which this browser has everything; -1 before its feed was first welcomed. */
const placeOf = (page: Page) =>
  page.evaluate(() => {
    const name = Object.keys(localStorage).find((key) => key.startsWith('quits.cursor.'))
    const cursor = JSON.parse(localStorage.getItem(name ?? '') ?? '{"seq":-1}') as { seq: number }
    return cursor.seq
  })

/**
 * From now on notes what the page has at each turn of its event loop, and the longest wait for a
 * turn; ends by itself at `head`, with how long that took.
 */
const watchResume = (page: Page, head: number) =>
  page.evaluate(
    (upTo) =>
      new Promise<{ places: number; longestMs: number; tookMs: number }>((resolve) => {
        const name = Object.keys(localStorage).find((key) => key.startsWith('quits.cursor.'))
        const places = new Set<number>()
        const beganAt = performance.now()
        let lastAt = beganAt
        let longestMs = 0
        const turn = new MessageChannel()
        turn.port1.addEventListener('message', () => {
          const at = performance.now()
          longestMs = Math.max(longestMs, at - lastAt)
          lastAt = at
          const { seq } = JSON.parse(localStorage.getItem(name ?? '') ?? '{}') as { seq: number }
          places.add(seq)
          if (seq < upTo) turn.port2.postMessage('')
          else resolve({ places: places.size, longestMs, tookMs: at - beganAt })
        })
        turn.port1.start()
        turn.port2.postMessage('')
      }),
    head,
  )

it('brings 5,000 missed notifications, asks for little, and lets the page breathe', async () => {
  const email = freshEmail('ana')
  const ana = await openPage(browser)
  await signUpWithPassword(ana, 'Ana', email)
  await expect.poll(() => placeOf(ana)).toBe(0)
  // Before the first debt: the mails that those send come before later codes.
  const circle = await Promise.all(
    Array.from({ length: friends }, (_, index) =>
      signUpByHttp(`Friend ${index}`, freshEmail('friend')),
    ),
  )
  await ana.context().setOffline(true)
  await ana.getByText("You're offline.").waitFor()
  await Promise.all(circle.map((friend) => borrow(friend, email)))
  // A stranger to this page, who waits until the notifier has stored everything.
  const witness = await openPage(browser)
  await signIn(witness, email)
  await witness.getByRole('button', { name: `What's new, ${missed} new` }).waitFor()
  await witness.context().close()

  let asked = 0
  ana.on('request', () => {
    asked += 1
  })
  const resumed = watchResume(ana, missed)
  await ana.context().setOffline(false)
  const { places, longestMs, tookMs } = await resumed
  await ana.getByRole('button', { name: `What's new, ${missed} new` }).waitFor()
  console.log(
    `  ${missed} missed notifications: all there ${Math.round(tookMs)} ms after coming online, ` +
      `longest wait for a turn ${Math.round(longestMs)} ms, ${asked} requests`,
  )
  // A page that froze would have known two places: the one before, and the last.
  expect(places).toBeGreaterThan(4)
  // Thousands of events are no thousands of questions.
  expect(asked).toBeLessThan(60)

  await ana.getByRole('button', { name: /^What's new/ }).click()
  await ana.getByRole('link', { name: 'See everything' }).click()
  await ana.getByRole('heading', { name: "What's new", level: 1 }).waitFor()
  await ana
    .getByText(/\d+ changes by Friend/)
    .first()
    .waitFor()
  // One of the gathered lines opens into its single ones.
  await ana
    .getByRole('button', { name: /^Show all \d+$/ })
    .first()
    .click()
  await ana.getByRole('button', { name: 'Show less' }).waitFor()
  await ana
    .getByText(/^Friend \d+ borrowed €1\.00 more\.$/)
    .first()
    .waitFor()
})

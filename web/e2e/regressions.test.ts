/** Faults that web clients of a feed had: each under its id in our audit. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPage, signUp } from './browser.ts'
import { frontDoor, freshEmail } from './stack.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

it('X10: the page asks nothing that does not exist, and its feed is where the page is from', async () => {
  const page = await openPage(browser)
  const sockets: string[] = []
  const lost: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  page.on('response', (answer) => {
    if (answer.status() === 404 || answer.status() === 405) lost.push(answer.url())
  })
  await signUp(page, 'Ana', freshEmail('ana'))
  await page.goto('/news')
  await page.getByText('All caught up.').waitFor()
  await page.getByRole('button', { name: "What's new", exact: true }).click()
  await page.getByRole('dialog').waitFor()
  expect(lost).toEqual([])
  const feed = new URL('/v1/feed', frontDoor())
  feed.protocol = 'ws:'
  expect(new Set(sockets)).toEqual(new Set([feed.href]))
})

it('N6: a browser gets in with a ticket in its first frame, and its address tells nothing', async () => {
  const page = await openPage(browser)
  const first: string[] = []
  page.on('websocket', (socket) =>
    socket.once('framesent', ({ payload }) => first.push(payload.toString())),
  )
  const welcomed = new Promise<void>((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (payload.toString().includes('"welcome"')) resolve()
      }),
    )
  })
  await signUp(page, 'Ana', freshEmail('ana'))
  await welcomed
  expect(JSON.parse(first[0] ?? '')).toMatchObject({
    type: 'connect',
    ticket: expect.stringMatching(/^[\w-]{32}$/),
  })
})

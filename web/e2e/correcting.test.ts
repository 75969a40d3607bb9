import { readFile, writeFile } from 'node:fs/promises'
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
import { checkProofs } from '../../tools/verify/check-proof.ts'
import { readProof } from '../../tools/verify/proof-file.ts'
import { type Person, signUpByHttp } from './person.ts'
import { freshEmail } from './stack.ts'

let browser: Browser
let ana: Page
let bo: Person
/** The page of the debt that both share, as a path. */
let shared: string

const money = (minor: string) => ({ minor, currency: 'EUR' })
const idOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''

beforeAll(async () => {
  browser = await openBrowser()
  const boEmail = freshEmail('bo')
  ana = await openPage(browser, { acceptDownloads: true })
  await signUp(ana, 'Ana', freshEmail('ana'))
  bo = await signUpByHttp('Bo', boEmail)
  await writeDown(ana, {
    direction: 'You lent',
    who: boEmail,
    nickname: 'Bo',
    amount: '400',
    what: 'groceries',
  })
  await ana.getByRole('heading', { name: 'Bo owes you' }).waitFor()
  shared = new URL(ana.url()).pathname
  await bo.post(`/v1/debts/${idOf(ana)}/accept`, {})
  await ana.getByText('Bo confirmed €400.00').waitFor()
})
afterAll(() => browser.close())

it('takes back what waits: an entry, and a debt that nobody confirmed', async () => {
  await ana.goto(shared)
  await addEntry(ana, 'You lent more', '25')
  await ana.getByRole('button', { name: 'Take it back: You lent more, €25.00' }).click()
  await ana.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
  await ana.getByText('You took €25.00 back').waitFor()
  expect((await bo.get(shared.replace('/debts', '/v1/debts'))).body).toMatchObject({
    pending: { in: money('0') },
  })

  const who = freshEmail('cleo')
  await writeDown(ana, { direction: 'You lent', who, nickname: 'Cleo', amount: '9', what: 'taxi' })
  await ana.getByText("Cleo owes you €9.00 · Cleo hasn't confirmed yet").waitFor()
  await ana.getByRole('button', { name: 'Take it back' }).click()
  await ana.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
  await ana.getByText('Taken back. This counts for nobody.').waitFor()
})

it('corrects an entry as one line, once the other one agrees', async () => {
  await ana.goto(shared)
  await ana.getByRole('button', { name: 'Correct… You lent, €400.00' }).click()
  await ana.getByLabel(/^What is right/).fill('40')
  await ana.getByLabel('Why (optional)').fill('one zero too many')
  await ana.getByRole('dialog').getByRole('button', { name: 'Correct it' }).click()
  await ana.getByText('€400.00 → €40.00, corrected by you · one zero too many').waitFor()
  await ana.getByTestId('balance').getByText('€40.00').waitFor()
  const history = await historyOf(ana)
  expect(history.filter((line) => line.includes('corrected by'))).toEqual([
    expect.stringMatching(/^You lent groceries.* plus €40\.00 then €40\.00$/),
  ])
  expect(history.at(-1)).toMatch(/^You lent groceries .*undone/)
  await picture(ana, 'corrected')

  // A correction that costs Bo asks Bo first: one question, one answer.
  const path = `/v1/debts/${idOf(ana)}`
  const { body } = await bo.get<{ items: { seq: number; status: string; kind: string }[] }>(
    `${path}/transactions`,
  )
  const seq = body.items.find(({ kind, status }) => kind === 'advance' && status === 'posted')?.seq
  await bo.post(`${path}/transactions/${seq}/amend`, { amount: money('3000'), reason: 'receipt' })
  await ana.getByText('Bo wants to correct €40.00 to €30.00.').waitFor()
  await ana.goto('/')
  await ana.getByText('Bo wants to correct €40.00 to €30.00.').waitFor()
  await ana.getByRole('button', { name: "Yes, that's right" }).click()
  await ana.getByText('Nothing needs your answer.').waitFor()
  await ana.goto(shared)
  await ana.getByText('€40.00 → €30.00, corrected by Bo · receipt').waitFor()
  await ana.getByTestId('balance').getByText('€30.00').waitFor()
  expect((await historyOf(ana)).filter((line) => line.startsWith('You confirmed'))).toHaveLength(1)
})

it('undoes an entry', async () => {
  await ana.goto(shared)
  await addEntry(ana, 'Bo paid back', '12')
  await ana.getByTestId('balance').getByText('€18.00').waitFor()
  await ana.getByRole('button', { name: 'Correct… Bo paid back, €12.00' }).click()
  await ana.getByRole('radio', { name: 'It should not be here: undo it' }).check()
  await ana.getByRole('button', { name: 'Undo it' }).click()
  // It takes from Bo what he paid, so it waits for him.
  await ana.getByText('Undone', { exact: true }).waitFor()
  expect((await historyOf(ana))[0]).toMatch(/^Undone .*waiting for Bo/)
  const path = `/v1/debts/${idOf(ana)}/transactions`
  const { body } = await bo.get<{ items: { seq: number }[] }>(path)
  await bo.post(`${path}/${body.items[0]?.seq}/accept`, {})
  const history = ana.getByRole('region', { name: 'History' })
  await history.getByText('Bo confirmed €12.00').waitFor()
  expect(await historyOf(ana)).toContainEqual(expect.stringMatching(/^Bo paid back .*undone/))
})

it('changes the words, and says what changed when somebody else was quicker', async () => {
  await ana.goto(shared)
  await ana.getByRole('button', { name: 'Change the words' }).click()
  await ana.getByLabel('What for').fill('groceries and wine')
  await ana.getByLabel('Due (optional)').fill('2030-05-03')
  await ana.getByRole('button', { name: 'Save' }).click()
  await ana.getByText('For groceries and wine · due 3 May 2030').waitFor()

  // While Ana writes, Bo adds to the debt: her form began with an older version.
  await ana.getByRole('button', { name: 'Change the words' }).click()
  await ana.getByLabel('What for').fill('food')
  await bo.post(`/v1/debts/${idOf(ana)}/transactions`, {
    kind: 'repayment',
    amount: money('1000'),
  })
  await ana.getByRole('button', { name: 'Save' }).click()
  await ana.getByText('Nothing was saved. It was changed meanwhile:').waitFor()
  await ana.getByText('Something was added to it.').waitFor()
  await ana.getByRole('button', { name: 'Save mine all the same' }).click()
  await ana.getByText('For food · due 3 May 2030').waitFor()
  const seen = await bo.get(`/v1/debts/${idOf(ana)}`)
  expect(seen.body).toMatchObject({ description: 'food', dueOn: '2030-05-03' })
  await ana.getByRole('button', { name: "Yes, that's right" }).click()
  await ana.getByText('You confirmed €10.00').waitFor()
})

it('puts a debt away and brings it back', async () => {
  await ana.goto(shared)
  await ana.getByRole('button', { name: 'Put away' }).click()
  await ana.getByText('You put this away. Only your own lists leave it out.').waitFor()
  await ana.goto('/debts')
  await ana.getByRole('link', { name: /taxi/ }).waitFor()
  expect(await ana.getByRole('link', { name: /food/ }).count()).toBe(0)
  await ana.goto(shared)
  await ana.getByRole('button', { name: 'Bring back' }).click()
  await ana.getByRole('button', { name: 'Put away' }).waitFor()
  await ana.goto('/debts')
  await ana.getByRole('link', { name: /food/ }).waitFor()
})

/** What a press on one of the files hands out. */
const downloaded = async (label: string): Promise<{ name: string; path: string }> => {
  const coming = ana.waitForEvent('download')
  await ana.getByRole('dialog').getByRole('button', { name: label }).click()
  const download = await coming
  return { name: download.suggestedFilename(), path: await download.path() }
}

it('hands out the history for a spreadsheet, for a program, and with its seals', async () => {
  await ana.goto(shared)
  // What a spreadsheet would run as a formula.
  await ana.getByLabel('Note (optional)').fill('=HYPERLINK("https://example.test")')
  await addEntry(ana, 'Bo paid back', '1')
  await ana.getByRole('button', { name: 'Download the history…' }).click()
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'download')
  const table = await downloaded('As a table, for a spreadsheet')
  expect(table.name).toBe('quits-Bo.csv')
  const lines = (await readFile(table.path, 'utf8')).split('\r\n')
  expect(lines[1]).toContain('400.00')
  expect(lines.at(-2)).toContain('"\'=HYPERLINK(""https://example.test"")"')

  const data = await downloaded('As data, for a program')
  expect(data.name).toBe('quits-Bo.json')
  const history = JSON.parse(await readFile(data.path, 'utf8')) as { items: { note?: string }[] }
  expect(history.items.at(-1)?.note).toBe('=HYPERLINK("https://example.test")')

  // The sealed file is a proof that the checker of whole databases takes.
  const sealed = await downloaded('With every seal, to be checked elsewhere')
  expect(sealed.name).toBe('quits-Bo-sealed.json')
  const told: string[] = []
  const check = (path: string) => checkProofs([readProof(path)], ({ what }) => told.push(what))
  expect(check(sealed.path)).toMatchObject({ faults: 0, rows: history.items.length })
  const forged = `${sealed.path}.forged`
  const text = await readFile(sealed.path, 'utf8')
  await writeFile(forged, text.replace('"amountMinor":"40000"', '"amountMinor":"4"'))
  expect(check(forged).faults).toBeGreaterThan(0)
})

it('checks the history on the device, and names the line that is off', async () => {
  await ana.goto(shared)
  await ana.getByRole('button', { name: 'Check history' }).click()
  await ana.getByText('This history was not altered.').waitFor()
  expect(await seriousFaults(ana)).toEqual([])
  await picture(ana, 'check')
  await ana.keyboard.press('Escape')

  // The twin: a server that tells another amount than it wrote down.
  await ana.route('**/proof', async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    await route.fulfill({
      response,
      body: text.replace('"amountMinor":"2500"', '"amountMinor":"1"'),
    })
  })
  await ana.getByRole('button', { name: 'Check history' }).click()
  await ana.getByText(/^This history was altered\. Line 3 is off:/).waitFor()
  await ana.keyboard.press('Escape')
  await ana.unrouteAll()
})

it('records too much paid back as a debt the other way', async () => {
  await writeDown(ana, { direction: 'You lent', who: 'Dana', amount: '43.50', what: 'tickets' })
  await ana.getByLabel(/^Amount \(/).fill('50')
  await ana.getByRole('button', { name: 'Write it down' }).click()
  await ana.getByRole('button', { name: 'Record €50.00: you then owe Dana €6.50' }).click()
  await ana.getByRole('heading', { name: 'You and Dana are quits' }).waitFor()
  await ana.goto('/')
  await ana.getByText('You owe Dana €6.50.').waitFor()
  await expect.poll(() => ana.getByRole('link', { name: /Dana.*you owe/ }).count()).toBe(1)
})

it('is readable for everybody, on a phone too', async () => {
  await ana.goto(shared)
  await ana.getByText('You confirmed €10.00').waitFor()
  expect((await historyOf(ana)).at(-1)).toMatch(/^You lent groceries/)
  for (const width of [360, 1280]) {
    await ana.setViewportSize({ width, height: 800 })
    expect(await seriousFaults(ana)).toEqual([])
  }
  await picture(ana, 'debt-life')
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

// The scene's own reader takes every answer for JSON.
const file = async (person: Person, path: string) => {
  const response = await fetch(scene.origin + path, {
    headers: { authorization: `Bearer ${person.bearer}` },
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Fields of the lines, by a reader that knows quotes and nothing else of our code. */
const readCsv = (text: string): string[][] => {
  const lines: string[][] = []
  let fields: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    fields.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    lines.push(fields)
    fields = []
  }
  return lines
}

test('a history as CSV has a line per entry, oldest first, with names and decimals', async () => {
  const id = await scene.openDebtWithBo()
  await scene.post(scene.ana, `/v1/debts/${id}/transactions`, {
    kind: 'repayment',
    amount: eur('1205'),
    note: '=HYPERLINK("http://evil.example";"cash"), thanks',
    occurredOn: '2026-03-04',
  })
  const csv = await file(scene.bo, `/v1/debts/${id}/history.csv`)
  expect(csv.status).toBe(200)
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="debt-${id}.csv"`)
  const [head, ...lines] = readCsv(csv.text)
  const rows = lines.map((fields) =>
    Object.fromEntries(fields.map((field, index) => [head?.[index] ?? '', field])),
  )
  expect(rows).toMatchObject([
    { seq: '1', kind: 'advance', amount: '40.00', currency: 'EUR', 'entered by': 'Ana' },
    { seq: '2', kind: 'accepted', 'entered by': 'Bo', 'refers to': '1', balance: '40.00' },
    { seq: '3', date: '2026-03-04', kind: 'repayment', amount: '12.05', balance: '27.95' },
  ])
  expect(rows[2]?.['note']).toBe(`'=HYPERLINK("http://evil.example";"cash"), thanks`)
  expect(csv.text.endsWith('\r\n')).toBe(true)
})

test('a history as JSON is the debt and every entry as the API shows it', async () => {
  const id = await scene.openDebtWithBo()
  const json = await file(scene.ana, `/v1/debts/${id}/history.json`)
  const debt = await scene.get(scene.ana, `/v1/debts/${id}`)
  const entries = await scene.get(scene.ana, `/v1/debts/${id}/transactions`)
  const items = entries.body['items'] as unknown[]
  expect(JSON.parse(json.text)).toEqual({ debt: debt.body, items: items.toReversed() })
})

test('a long history comes whole, over several pages', async () => {
  const { body } = await scene.lend({ name: 'Lee' }, '1000000')
  const id = String(body['id'])
  const pay = () =>
    scene.post(scene.ana, `/v1/debts/${id}/transactions`, { kind: 'repayment', amount: eur('1') })
  for (let batch = 0; batch < 11; batch += 1) {
    await Promise.all(Array.from({ length: 50 }, pay))
  }
  const json = await file(scene.ana, `/v1/debts/${id}/history.json`)
  const { items } = JSON.parse(json.text) as { items: { seq: number }[] }
  expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 551 }, (_, index) => index + 1))
  const csv = await file(scene.ana, `/v1/debts/${id}/history.csv`)
  expect(readCsv(csv.text)).toHaveLength(552)
})

test('somebody who is concealed is named in the file as on the screen', async () => {
  const { body } = await scene.lend({ email: scene.bo.email, name: 'Bo from work' })
  const id = String(body['id'])
  await scene.post(scene.bo, `/v1/debts/${id}/decline`)
  for (const ending of ['csv', 'json']) {
    const { text } = await file(scene.ana, `/v1/debts/${id}/history.${ending}`)
    expect(text).toContain('declined')
    expect(text).not.toContain(scene.bo.userId)
  }
  const csv = await file(scene.ana, `/v1/debts/${id}/history.csv`)
  expect(readCsv(csv.text)[2]?.[7]).toBe('Bo from work')
})

test('a history is for the two people of the debt', async () => {
  const id = await scene.openDebtWithBo()
  for (const ending of ['csv', 'json', 'xml']) {
    expect((await file(scene.eve, `/v1/debts/${id}/history.${ending}`)).status).toBe(404)
  }
  expect((await fetch(`${scene.origin}/v1/debts/${id}/history.csv`)).status).toBe(401)
})

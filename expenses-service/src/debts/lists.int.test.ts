import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { makePerson, type Person } from '../testing/people.ts'
import { type Scene, setScene } from '../testing/scene.ts'

let scene: Scene
let fay: Person
let gus: Person

/** What Fay writes down: who, how much in which currency, about what, when. */
const story = [
  ['lender', 'Hal', '1000', 'EUR', 'pizza', '2026-01-10'],
  ['lender', 'Hal', '250', 'EUR', 'rent of January', '2026-02-01'],
  ['borrower', 'Ida', '400', 'EUR', 'taxi to the station', '2026-02-28'],
  ['borrower', 'gus', '900', 'JPY', 'ramen 100% good_stuff', '2026-03-01'],
] as const

beforeAll(async () => {
  scene = await setScene()
  fay = await makePerson(scene.admin, 'Fay')
  gus = await makePerson(scene.admin, 'Gus')
  for (const [role, who, minor, currency, description, occurredOn] of story) {
    const counterparty = who === 'gus' ? { email: gus.email } : { name: who }
    const opening = { minor, currency }
    const body = { role, counterparty, opening, description, occurredOn }
    const opened = await scene.post(fay, '/v1/debts', body)
    if (who === 'gus') {
      await scene.post(gus, `/v1/debts/${String(opened.body['id'])}/accept`)
    }
  }
})
afterAll(() => scene.close())

const list = async (query: string) => {
  const { status, body } = await scene.get(fay, `/v1/debts?${query}`)
  const items = (body['items'] ?? []) as { id: string; description: string }[]
  return { status, body, items, words: items.map(({ description }) => description) }
}
const words = story.map(([, , , , description]) => description)
const [pizza, rent, taxi, ramen] = words

describe('a list of debts', () => {
  test.each([
    ['', [ramen, taxi, rent, pizza]],
    ['role=lender', [rent, pizza]],
    ['status=open', [ramen, taxi, rent, pizza]],
    ['status=settled', []],
    ['currency=JPY', [ramen]],
    ['currency=USD', []],
    ['category=food', [pizza]],
    ['category=transport', [taxi]],
    ['from=2026-02-01', [ramen, taxi, rent]],
    ['to=2026-02-01', [rent, pizza]],
    ['from=2026-02-01&to=2026-02-28', [taxi, rent]],
    ['q=PIZZA', [pizza]],
    ['q=hal', [rent, pizza]],
    ['q=gus', [ramen]],
    ['q=%25', [ramen]],
    ['q=d_s', [ramen]],
    ['role=lender&q=hal&category=rent&currency=EUR', [rent]],
  ])('is narrowed by ?%s', async (query, expected) => {
    expect((await list(query)).words).toEqual(expected)
  })

  test('is narrowed to a person who agreed to be here', async () => {
    expect((await list(`person=${gus.userId}`)).words).toEqual([ramen])
    expect((await list(`person=${scene.eve.userId}`)).words).toEqual([])
  })

  test('has the totals of what is listed, and not of all', async () => {
    const totals = async (query: string) => (await list(query)).body['totals']
    expect(await totals('limit=1')).toEqual([
      { currency: 'EUR', owed: '1250', owing: '400' },
      { currency: 'JPY', owed: '0', owing: '900' },
    ])
    expect(await totals('role=lender')).toEqual([{ currency: 'EUR', owed: '1250', owing: '0' }])
    expect(await totals('category=food')).toEqual([{ currency: 'EUR', owed: '1000', owing: '0' }])
    expect(await totals('status=settled')).toEqual([])
  })

  test('keeps its pages while debts are added: nobody is shown twice, nobody left out', async () => {
    const owner = await makePerson(scene.admin, 'Jo')
    const add = async (description: string) => {
      const opening = { minor: '1', currency: 'EUR' }
      const body = { role: 'lender', counterparty: { name: 'K' }, opening, description }
      expect((await scene.post(owner, '/v1/debts', body)).status).toBe(201)
    }
    for (const number of ['1', '2', '3', '4', '5']) await add(number)
    const seen: string[] = []
    let cursor = ''
    let next: unknown
    for (let page = 0; page < 3; page += 1) {
      const { body } = await scene.get(owner, `/v1/debts?limit=2&role=lender${cursor}`)
      seen.push(...(body['items'] as { description: string }[]).map((one) => one.description))
      next = body['next']
      cursor = `&cursor=${String(next)}`
      await add(`new ${page}`)
    }
    expect(next).toBeNull()
    expect(seen).toEqual(['5', '4', '3', '2', '1'])
  })

  test.each([
    'role=friend',
    'currency=eur',
    'person=gus',
    'archived=perhaps',
    'from=2026-02-30',
    'limit=0',
    `limit=${limits.pageSizeMax + 1}`,
    'cursor=x',
    'sort=name',
    'q=',
  ])('refuses ?%s', async (query) => {
    expect((await list(query)).status).toBe(422)
  })
})

describe('a person', () => {
  test('is everything between us, net per currency', async () => {
    const open = (person: Person, email: string, role: string, minor: string) =>
      scene.post(person, '/v1/debts', {
        role,
        counterparty: { email },
        opening: { minor, currency: 'EUR' },
        description: 'x',
      })
    const mine = await open(fay, gus.email, 'borrower', '3000')
    await scene.post(gus, `/v1/debts/${String(mine.body['id'])}/accept`)
    const theirs = await open(gus, fay.email, 'borrower', '1200')
    await scene.post(fay, `/v1/debts/${String(theirs.body['id'])}/accept`)

    const path = `/v1/people/${gus.userId}`
    const { body } = await scene.get(fay, path)
    expect(body).toMatchObject({
      name: 'Gus',
      balances: [
        { currency: 'EUR', owed: '1200', owing: '3000', net: '-1800', pendingIn: '0' },
        { currency: 'JPY', owed: '0', owing: '900', net: '-900' },
      ],
    })
    const tagOf = async () => (await scene.get(fay, path)).headers.get('etag')
    const tag = await tagOf()
    expect(tag).toMatch(/^"[\w-]{22}"$/)
    expect(await tagOf()).toBe(tag)

    const seen = await scene.get(gus, `/v1/people/${fay.userId}`)
    expect(seen.body['balances']).toMatchObject([{ net: '1800' }, { net: '900' }])
    const between = await list(`person=${gus.userId}`)
    expect(between.items).toHaveLength(3)
    expect(between.body['totals']).toMatchObject([
      { currency: 'EUR', owed: '1200', owing: '3000' },
      { currency: 'JPY', owing: '900' },
    ])
  })

  test('with only a name in a one-sided debt is nobody to look up', async () => {
    const { body } = await scene.get(fay, '/v1/people')
    expect(body['items']).toMatchObject([{ name: 'Gus' }])
  })
})

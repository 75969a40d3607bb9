import { randomUUID } from 'node:crypto'
import type { NotificationGroup, StoredNotification } from '@quits/proto/feed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, makeBench, makePerson, type Person, startNotifier } from '../test/bench.ts'
import { makeEvent, makeEvents } from '../test/events.ts'

let bench: Bench
let here: Awaited<ReturnType<typeof startNotifier>>
/** Another process of the same service. */
let there: Awaited<ReturnType<typeof startNotifier>>

beforeAll(async () => {
  bench = await makeBench()
  ;[here, there] = await Promise.all([startNotifier(bench), startNotifier(bench)])
})
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()])
  await bench.stop()
})

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)
const pair = () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  return { people, bo: makePerson(people.borrower) }
}
const preferencesPath = '/v1/notifications/preferences'
const mutesOf = async (service: typeof here, person: Person) =>
  (await service.ask(person, 'GET', preferencesPath)).body.mutes
/** Sends events and waits until the person has them. */
const sendTo = async (bo: Person, events: { id: string }[], head: number) => {
  const client = await here.connect(bo, { epoch: 1, seq: 0 })
  await bench.send(bench.topics.books, events)
  await client.event(head)
  client.close()
  return client
}
const pageOf = async (person: Person, query: string) => {
  const { body } = await here.ask(person, 'GET', `/v1/notifications?${query}`)
  return body as { items: StoredNotification[]; next: string | null; counts: unknown }
}

test('what is muted keeps its place and says so, and neither rings nor counts', async () => {
  const { people, bo } = pair()
  const other = { lender: randomUUID(), borrower: people.borrower }
  const mutes = [{ type: 'person', id: people.lender }]
  const put = await here.ask(bo, 'PUT', preferencesPath, { mutes })
  expect(put).toMatchObject({ status: 200, body: { mutes } })
  expect(await mutesOf(there, bo)).toEqual(mutes)

  const events = [...makeEvents(people, 2), ...makeEvents(other, 1)]
  const client = await sendTo(bo, events, 3)
  const byActor = (actor: string) => client.of('event').filter((event) => event.actor === actor)
  expect(client.seqs()).toEqual([1, 2, 3])
  expect(byActor(people.lender)).toMatchObject([
    { weight: 'silent', muted: true, status: 'read' },
    { weight: 'silent', muted: true, status: 'read' },
  ])
  expect(byActor(other.lender)).toMatchObject([{ weight: 'alert', status: 'unseen' }])
  expect(byActor(other.lender)[0]).not.toHaveProperty('muted')
  expect(await pageOf(bo, '')).toMatchObject({ counts: { unseen: 1, unread: 1 } })
})

test('a process that remembers other preferences hears of the change', async () => {
  const { people, bo } = pair()
  const bookId = randomUUID()
  // Whichever process reads the events remembers now that nothing is muted.
  await sendTo(bo, makeEvents(people, 2, 1, bookId), 2)
  for (const service of [here, there]) {
    const mutes = [{ type: 'debt', id: bookId }]
    await service.ask(bo, 'PUT', preferencesPath, { mutes })
    const client = await here.connect(bo)
    const { head } = await client.frame('welcome')
    const seen = async () => {
      const seq = client.seqs().length
      const at = head + seq + 1
      const [event] = makeEvents(people, 1, at, bookId)
      await bench.send(bench.topics.books, event === undefined ? [] : [event])
      return (await client.event(at)).muted
    }
    await expect.poll(seen, { timeout: 10_000 }).toBe(true)
    client.close()
    await (service === here ? there : here).ask(bo, 'PUT', preferencesPath, { mutes: [] })
  }
})

test('preferences have a version that a change can insist on', async () => {
  const { bo, people } = pair()
  const put = (ifMatch: string | undefined, id: string) =>
    fetch(`${here.base}${preferencesPath}`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${bo.token}`,
        'content-type': 'application/json',
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      },
      body: JSON.stringify({
        mutes: [
          { type: 'person', id },
          { type: 'person', id },
        ],
      }),
    })
  const first = await put('"0"', people.lender)
  expect([first.status, first.headers.get('etag')]).toEqual([200, '"1"'])
  expect(await first.json()).toEqual({ mutes: [{ type: 'person', id: people.lender }] })
  const stale = await put('"0"', people.borrower)
  expect([stale.status, await stale.json()]).toMatchObject([412, { code: 'version_conflict' }])
  const blind = await Promise.all([1, 2, 3, 4].map(() => put(undefined, people.borrower)))
  expect(new Set(blind.map((answer) => answer.headers.get('etag')))).toEqual(
    new Set([2, 3, 4, 5].map((version) => `"${version}"`)),
  )
})

test.each([
  ['no list', {}],
  ['an unknown sort of mute', { mutes: [{ type: 'colour', id: randomUUID() }] }],
  ['an id that is none', { mutes: [{ type: 'person', id: 'ana' }] }],
  ['too many', { mutes: upTo(201).map(() => ({ type: 'person', id: randomUUID() })) }],
])('preferences with %s are refused', async (_, body) => {
  const { bo } = pair()
  expect((await here.ask(bo, 'PUT', preferencesPath, body)).status).toBe(422)
  expect(await mutesOf(here, bo)).toEqual([])
})

test('pages are filtered by person, debt, kind and status, page by page', async () => {
  const { people, bo } = pair()
  const other = { lender: randomUUID(), borrower: people.borrower }
  const debt = randomUUID()
  const asked = makeEvent(other, { type: 'transaction.proposed.v1', data: { bookId: debt } })
  const rest = makeEvents(other, 4, 2, debt)
  await sendTo(bo, [...makeEvents(people, 6), asked, ...rest], 11)
  await here.ask(bo, 'POST', '/v1/notifications/marks', { upTo: 4, status: 'seen' })
  await here.ask(bo, 'POST', '/v1/notifications/marks', { ids: [asked.id], status: 'read' })

  const everything = (await pageOf(bo, 'limit=100')).items
  const walk = async (query: string) => {
    const items: StoredNotification[] = []
    let cursor = ''
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await pageOf(bo, `${query}&limit=2${cursor}`)
      items.push(...page.items)
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
    }
    return items
  }
  const sieve = (matches: (item: StoredNotification) => boolean) => everything.filter(matches)
  expect(await walk(`person=${people.lender}`)).toEqual(
    sieve(({ actor }) => actor === people.lender),
  )
  expect(await walk(`debt=${debt}`)).toEqual(sieve(({ subject }) => subject.id === debt))
  expect(await walk('kind=transaction.proposed')).toEqual(
    sieve(({ kind }) => kind === 'transaction.proposed'),
  )
  expect(await walk('status=seen')).toEqual(sieve(({ status }) => status === 'seen'))
  expect(await walk('status=unread')).toEqual(sieve(({ status }) => status !== 'read'))
  expect(await walk(`debt=${debt}&status=unseen`)).toEqual(
    sieve(({ subject, status }) => subject.id === debt && status === 'unseen'),
  )
  expect(everything).toHaveLength(11)
})

test('archived notifications leave the inbox, and are found where they went', async () => {
  const { people, bo } = pair()
  const events = makeEvents(people, 5)
  await sendTo(bo, events, 5)
  const [first, second] = events
  const marks = { ids: [first?.id, second?.id], status: 'archived' }
  const { body } = await here.ask(bo, 'POST', '/v1/notifications/marks', marks)
  expect(body).toEqual({ counts: { unseen: 3, unread: 3 } })
  const seqs = async (status: string) =>
    (await pageOf(bo, `status=${status}`)).items.map(({ seq }) => seq)
  expect(await seqs('inbox')).toEqual([5, 4, 3])
  expect(await seqs('archived')).toEqual([2, 1])
})

test('pages go forward from a place, too: exactly what was missed, or an honest no', async () => {
  const { people, bo } = pair()
  await sendTo(bo, makeEvents(people, 7), 7)
  const read = async (query: string) => {
    const { status, body } = await here.ask(bo, 'GET', `/v1/notifications?${query}`)
    const items = (body.items ?? []) as StoredNotification[]
    return { status, code: body.code, seqs: items.map(({ seq }) => seq), ...body }
  }
  const first = await read('since=1:2&limit=3')
  expect(first).toMatchObject({ seqs: [3, 4, 5], next: '1:5', place: '1:5' })
  expect(await read('since=1:5&limit=3')).toMatchObject({ seqs: [6, 7], next: null, place: '1:7' })
  expect(await read('since=1:7')).toMatchObject({ seqs: [], next: null, place: '1:7' })
  // The same places, the other way.
  expect(await read('cursor=1:3')).toMatchObject({ seqs: [2, 1], next: null })

  for (const place of ['7:1', '1:99']) {
    expect(await read(`since=${place}`)).toMatchObject({ status: 410, code: 'gap' })
  }
  const rows = bench.database.collection('notifications')
  await rows.deleteMany({ userId: bo.userId, seq: { $lte: 3 } })
  expect(await read('since=1:1')).toMatchObject({ status: 410, code: 'gap' })
  expect(await read('since=1:3')).toMatchObject({ seqs: [4, 5, 6, 7] })
  for (const query of ['since=1.3', 'since=yesterday', 'since=1:3&status=unread']) {
    expect(await read(query)).toMatchObject({ status: 422, code: 'invalid_request' })
  }
})

test('many about one debt are one line, which opens into the single ones', async () => {
  const { people, bo } = pair()
  const debts = [randomUUID(), randomUUID()]
  const [first = '', second = ''] = debts
  // One after the other: order holds within a book only.
  await sendTo(bo, makeEvents(people, 120, 1, first), 120)
  await sendTo(bo, makeEvents(people, 3, 1, second), 123)
  await sendTo(bo, makeEvents(people, 1, 121, first), 124)

  const lines: NotificationGroup[] = []
  let cursor = ''
  for (let pages = 0; pages < 20; pages += 1) {
    const page = await pageOf(bo, `grouped=true&limit=2${cursor}`)
    lines.push(...(page.items as unknown as NotificationGroup[]))
    if (page.next === null) break
    cursor = `&cursor=${page.next}`
  }
  expect(lines.map(({ count }) => count)).toEqual([80, 3, 41])
  expect(lines.map(({ newest }) => newest.seq)).toEqual([124, 123, 41])
  expect(new Set(lines.flatMap(({ ids }) => ids)).size).toBe(124)

  const [, three] = lines
  const opened = await pageOf(bo, `ids=${three?.ids.join(',')}`)
  expect(opened.items.map(({ seq }) => seq)).toEqual([123, 122, 121])
  expect(opened.next).toBeNull()
  const stranger = makePerson()
  expect((await pageOf(stranger, `ids=${three?.ids.join(',')}`)).items).toEqual([])
})

import { makeGrpcClient, makeGrpcPart } from '@quits/kit/grpc'
import { makeLog } from '@quits/kit/log'
import { type BookEvent, bookEvent } from '@quits/proto/books'
import { hoursOf, journalContract } from '@quits/proto/journal'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inviting } from '../testing/invitations.ts'
import { makePerson, type Person } from '../testing/people.ts'
import { eur, type Scene, setScene } from '../testing/scene.ts'
import { makeJournalService } from './journal-service.ts'

const log = makeLog({ service: 'test', level: 'silent' })
const deadlineMs = 20_000
type Journal = ReturnType<typeof makeGrpcClient<NonNullable<(typeof journalContract)['methods']>>>
let scene: Scene
let journal: Journal
let stop: () => Promise<void>

/** The real service on a port of its own. */
const serveJournal = async (options: Parameters<typeof makeJournalService>[0]) => {
  const services = [makeJournalService(options)]
  const part = makeGrpcPart({ host: '127.0.0.1', port: 0, services, log })
  const stopper = new AbortController()
  const running = part.run(stopper.signal)
  const address = `127.0.0.1:${await part.listening}`
  const client: Journal = makeGrpcClient({ contract: journalContract, address })
  const close = async () => {
    client.close()
    stopper.abort()
    await running
  }
  return { client, close }
}

beforeAll(async () => {
  scene = await setScene()
  const served = await serveJournal({ pool: scene.pool })
  journal = served.client
  stop = served.close
})
afterAll(async () => {
  await stop()
  await scene.close()
})

const always = { fromMs: '0', toMs: String(Date.now() + 86_400_000) }
const readFor = async (userId: string, span = always, from = journal): Promise<BookEvent[]> => {
  const events: BookEvent[] = []
  for await (const { event } of from.stream('Read', { userId, ...span }, { deadlineMs })) {
    events.push(bookEvent.parse(JSON.parse(event)))
  }
  return events
}

/** What left for Kafka and names this person; the last of several with one id. */
const sentTo = async (person: Person): Promise<BookEvent[]> => {
  const { rows } = await scene.admin.query<{ event: string }>(
    `SELECT event FROM outbox_events WHERE topic = 'books' ORDER BY id, no`,
  )
  const events = rows
    .map(({ event }) => bookEvent.parse(JSON.parse(event)))
    .filter(({ id, data }) => {
      const isParty = data.parties.some(({ userId }) => userId === person.userId)
      return isParty && id.includes(':')
    })
  return [...new Map(events.map((event) => [event.id, event])).values()]
}

/** Without what no notification is made of. */
const plain = (events: BookEvent[]) =>
  events
    .map(({ data: { parties, ...data }, ...event }) => {
      const seats = parties.map(({ userId, role }) => ({ userId, role }))
      return { ...event, data: { ...data, version: 0, seats } }
    })
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))

const tellStory = async () => {
  const { ana, bo, eve, post, lend } = scene
  const id = await scene.openDebtWithBo()
  const entry = (person: Person, kind: string, minor: string) =>
    post(person, `/v1/debts/${id}/transactions`, { kind, amount: eur(minor) })
  const answer = (person: Person, seq: unknown, verb: string) =>
    post(person, `/v1/debts/${id}/transactions/${String(seq)}/${verb}`, {})
  await entry(ana, 'repayment', '1000')
  const asked = await entry(bo, 'repayment', '500')
  await answer(ana, asked.body['seq'], 'accept')
  const refused = await entry(ana, 'advance', '700')
  await answer(bo, refused.body['seq'], 'decline')
  const back = await entry(bo, 'repayment', '10')
  await answer(bo, back.body['seq'], 'withdraw')
  // To zero, which closes it, and open again.
  await entry(ana, 'repayment', '2500')
  await entry(bo, 'advance', '900')
  const wrong = await entry(ana, 'forgiveness', '100')
  await answer(ana, wrong.body['seq'], 'reverse')

  // Two rows of one command in one book; and rows of one command in several books.
  const typo = await entry(bo, 'advance', '333')
  const amended = { amount: eur('330') }
  await post(bo, `/v1/debts/${id}/transactions/${String(typo.body['seq'])}/amend`, amended)
  await post(bo, `/v1/debts`, {
    role: 'borrower',
    counterparty: { email: ana.email },
    opening: eur('120'),
    description: 'coffee',
  })
  const paid = { from: 'me', amount: eur('1000') }
  expect((await post(bo, `/v1/people/${ana.userId}/payments`, paid)).status).toBe(201)
  // Consent beforehand: the entry and its answer are one act.
  await scene.request(bo, 'PUT', `/v1/people/${ana.userId}/consent`, { mode: 'always' })
  await entry(ana, 'advance', '50')

  const declined = await lend({ email: bo.email }, '1')
  await post(bo, `/v1/debts/${String(declined.body['id'])}/decline`)
  await lend({ name: 'Somebody' }, '300')
  await lend({ email: eve.email }, '200')
}

test('the journal makes again what was sent, for each person', async () => {
  await tellStory()
  for (const person of [scene.ana, scene.bo, scene.eve]) {
    const sent = await sentTo(person)
    const made = await readFor(person.userId)
    expect(sent.length).toBeGreaterThan(0)
    expect(plain(made)).toEqual(plain(sent))
    // Oldest first, and within a book by seq.
    for (const bookId of new Set(made.map(({ data }) => data.bookId))) {
      const seqs = made
        .filter(({ data }) => data.bookId === bookId)
        .map(({ data }) => data.seq ?? 0)
      expect(seqs).toEqual(seqs.toSorted((one, other) => one - other))
    }
  }
  const effects = (await readFor(scene.bo.userId)).flatMap(({ data }) => data.effect ?? [])
  expect(effects).toEqual(expect.arrayContaining(['opened', 'closed', 'reopened']))
})

test('who was not known yet is told of the opening, and of the rest from then on', async () => {
  const { ana, post, admin } = scene
  const { request } = scene
  const opened = await request(ana, 'POST', '/v1/debts', {
    role: 'borrower',
    counterparty: { email: scene.eve.email },
    opening: eur('5000'),
    description: 'rent',
  })
  const id = String(opened.body['id'])
  const pay = () =>
    post(scene.eve, `/v1/debts/${id}/transactions`, { kind: 'repayment', amount: eur('100') })
  await pay()
  // As if Eve had proved her address only now.
  await admin.query('UPDATE contacts SET verified_at = now() WHERE user_id = $1', [
    scene.eve.userId,
  ])
  await pay()
  const seqs = (await readFor(scene.eve.userId))
    .filter(({ data }) => data.bookId === id)
    .map(({ data }) => data.seq)
  expect(seqs).toEqual([1, 3])
})

test('who took a seat by an invitation is told from then on', async () => {
  const { admin, lend } = scene
  const { invite, accept, oneSided } = inviting(scene)
  const dan = await makePerson(admin, 'Dan')
  const alone = await oneSided()
  expect((await accept(dan, alone.token)).status).toBe(200)
  // Proposed to an address that is nobody's; Dan takes the seat, and it is his.
  const proposed = await lend({ email: 'nobody-yet@example.test' })
  const { token } = await invite(String(proposed.body['id']))
  expect((await accept(dan, token)).status).toBe(200)
  const sent = await sentTo(dan)
  expect(sent.length).toBeGreaterThan(1)
  expect(plain(await readFor(dan.userId))).toEqual(plain(sent))
})

test('what came while a block stood is never told, and what came before and after it is', async () => {
  const { admin, request, post, lend } = scene
  const gil = await makePerson(admin, 'Gil')
  const opened = await lend({ email: gil.email }, '9000')
  const id = String(opened.body['id'])
  await post(gil, `/v1/debts/${id}/accept`)
  const block = (blocked: boolean) =>
    request(gil, 'PUT', `/v1/people/${scene.ana.userId}/block`, { blocked })
  const pay = (body = {}) =>
    post(scene.ana, `/v1/debts/${id}/transactions`, {
      kind: 'repayment',
      amount: eur('10'),
      ...body,
    })
  const agree = async () => {
    const sent = plain(await sentTo(gil))
    expect(plain(await readFor(gil.userId))).toEqual(sent)
    return sent
  }
  await pay()
  const before = await agree()
  expect((await block(true)).status).toBe(200)
  for (let n = 0; n < 30; n += 1) expect((await pay()).status).toBe(201)
  // A surplus opens a debt that both see, without a word to Gil. What he does himself he is told.
  await pay({ amount: eur('8800'), surplus: 'debt' })
  await post(gil, `/v1/debts/${id}/transactions`, { kind: 'advance', amount: eur('500') })
  const during = await agree()
  expect(during.map((event) => event.id)).toEqual(
    expect.arrayContaining(before.map((event) => event.id)),
  )
  expect(during).toHaveLength(before.length + 1)
  await block(false)
  expect(await agree()).toEqual(during)
  await pay()
  expect(await agree()).toHaveLength(during.length + 1)

  // Whoever writes at the moment of a block is on one side of it.
  for (let n = 0; n < 10; n += 1) {
    await Promise.all([pay(), block(n % 2 === 0), pay(), pay()])
    await agree()
  }
  // Broken twin: without the times of the blocks the journal would speak of all of it.
  const told = await agree()
  await admin.query('DELETE FROM blocks WHERE user_id = $1', [gil.userId])
  expect((await readFor(gil.userId)).length).toBeGreaterThan(told.length + 30)
})

test('no read takes more than a page, nor rows from outside the span', async () => {
  const { pool, ana, post } = scene
  const sizes: number[] = []
  const counting = {
    async query(statement: { name: string; text: string }) {
      const result = await pool.query(statement)
      if (statement.name === 'journal-rows') sizes.push(result.rows.length)
      return result
    },
  }
  const rowsPerPage = 5
  const small = await serveJournal({ pool: counting as unknown as typeof pool, rowsPerPage })
  const whole = await readFor(ana.userId)
  expect(whole.length).toBeGreaterThan(60)
  expect(await readFor(ana.userId, always, small.client)).toEqual(whole)
  expect(Math.max(...sizes)).toBe(rowsPerPage)
  expect(sizes.length).toBeGreaterThan(whole.length / rowsPerPage)

  // The newest entry alone, of a history of many.
  const id = whole.at(-1)?.data.bookId ?? ''
  const entry = { kind: 'repayment', amount: eur('1') }
  const newest = await post(ana, `/v1/debts/${id}/transactions`, entry)
  expect(newest.status).toBe(201)
  sizes.length = 0
  const span = { ...always, fromMs: String(Date.parse(String(newest.body['at']))) }
  const late = await readFor(ana.userId, span, small.client)
  expect(late.map((event) => event.id)).toEqual([`${id}:${String(newest.body['seq'])}`])
  expect(sizes.reduce((sum, rows) => sum + rows, 0)).toBe(1)
  await small.close()
})

test('hours are the fingerprints of what is read, and a span has two ends', async () => {
  const { userId } = scene.ana
  const events = await readFor(userId)
  const hours = []
  for await (const hour of journal.stream('Hours', { userId, ...always }, { deadlineMs })) {
    hours.push(hour)
  }
  const wanted = hoursOf(events.map(({ id, time }) => ({ id, atMs: Date.parse(time) })))
  expect(hours).toEqual(wanted)
  const [first] = events
  const fromMs = String(Date.parse(first?.time ?? ''))
  expect(await readFor(userId, { fromMs: '0', toMs: fromMs })).toEqual([])
  expect((await readFor(userId, { ...always, fromMs }))[0]?.id).toBe(first?.id)
  // Broken twin: one event less is another fingerprint.
  const less = hoursOf(events.slice(1).map(({ id, time }) => ({ id, atMs: Date.parse(time) })))
  expect(less).not.toEqual(wanted)
})

test('readers are listed by id, a page at a time', async () => {
  const listed: string[] = []
  for (let pages = 0; pages < 10; pages += 1) {
    const afterUserId = listed.at(-1) ?? ''
    const page: string[] = []
    const asking = { afterUserId, limit: 2 }
    for await (const { userId } of journal.stream('Readers', asking, { deadlineMs })) {
      page.push(userId)
    }
    listed.push(...page)
    if (page.length < 2) break
  }
  const { rows } = await scene.admin.query<{ user_id: string }>(
    'SELECT DISTINCT user_id FROM memberships',
  )
  const people = rows.map(({ user_id }) => user_id)
  expect(people).toContain(scene.eve.userId)
  expect(listed).toEqual(people.toSorted((one, other) => (one < other ? -1 : 1)))
})

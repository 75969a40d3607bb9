import { randomUUID } from 'node:crypto'
import { deadLetterKey } from '@quits/proto/dead-letters'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type Bench,
  makeBench,
  makePerson,
  need,
  startNotifier,
} from '../../notifier-service/test/bench.ts'
import { makeEvent, makeEvents } from '../../notifier-service/test/events.ts'
import { dead } from './dead.ts'
import { type Graveyard, openGraveyard } from './dead-letters.ts'

const bound = { timeout: 30_000, interval: 100 }
let bench: Bench
let notifier: Awaited<ReturnType<typeof startNotifier>>
let graveyard: Graveyard

beforeAll(async () => {
  bench = await makeBench()
  notifier = await startNotifier(bench)
  graveyard = await openGraveyard(need('KAFKA_URL'), bench.prefix)
})
afterAll(async () => {
  await graveyard.close()
  await notifier.stop()
  await bench.stop()
})

const run = (words: string[], all = false) => dead(words, { all }, graveyard)

test('a letter says why it died and where; sent again, it is stored once its cause is mended', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const bo = makePerson(people.borrower)
  expect(await run(['list'])).toEqual(['0 dead letters.'])
  const broken = { ...makeEvent(people), type: 'transaction.posted.v9', time: 'noon' }
  await bench.send(bench.topics.books, [broken])
  await vi.waitFor(async () => expect(await graveyard.list()).toHaveLength(1), bound)

  const [burial] = await graveyard.list()
  if (burial === undefined) throw new Error('no letter')
  expect(burial.letter).toMatchObject({ topic: bench.topics.books, value: JSON.stringify(broken) })
  expect(burial.letter.stack.split('\n')).toEqual([
    expect.stringMatching(/^type: /),
    expect.stringMatching(/^time: /),
  ])
  const key = deadLetterKey(burial.letter)
  expect((await run(['list'])).join('\n')).toMatch(`${key}  ${burial.letter.at}\n  type: `)

  // The cause stands: the same record dies again, as a letter of its own.
  expect(await run(['replay', key])).toEqual([`sent again: ${key}`, expect.stringMatching(/^1 /)])
  await vi.waitFor(async () => expect(await graveyard.list()).toHaveLength(2), bound)
  expect((await run(['list'])).at(-1)).toMatch(/^1 dead letters, 1 sent again before/)

  // A letter of a good record, as an older build might have buried it.
  const [good] = makeEvents(people, 1)
  const letter = { ...burial.letter, offset: '77', value: JSON.stringify(good) }
  await bench.send(bench.topics.deadOf(bench.topics.books), [{ id: 'x', ...letter }])
  const lines = await run(['replay'], true)
  expect(lines.at(-1)).toMatch(/^2 sent/)
  const client = await notifier.connect(bo, { epoch: 1, seq: 0 })
  expect(await client.event(1)).toMatchObject({ id: good?.id })
  client.close()
})

test('a letter that is replayed twice is stored once', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const bo = makePerson(people.borrower)
  const [good, last] = makeEvents(people, 2)
  const at = new Date().toISOString()
  const place = { topic: bench.topics.books, partition: 0, offset: '5', at, stack: '' }
  const letter = { reason: 'old build', ...place, key: 'k', value: JSON.stringify(good) }
  await graveyard.replay([letter, letter], () => new Date())
  const client = await notifier.connect(bo, { epoch: 1, seq: 0 })
  await client.event(1)
  await bench.send(bench.topics.books, last === undefined ? [] : [last])
  expect(await client.event(2)).toMatchObject({ id: last?.id })
  client.close()
})

test('a record too long for a letter holds up nobody, and its cut letter is not sent again', async () => {
  const people = { lender: randomUUID(), borrower: randomUUID() }
  const bo = makePerson(people.borrower)
  const [good] = makeEvents(people, 1)
  const quotes = 900_000
  const producer = bench.kafka.makeProducer()
  await producer.connect()
  await producer.send(bench.topics.books, [{ key: 'same', value: '"'.repeat(quotes) }])
  await producer.send(bench.topics.books, [{ key: 'same', value: JSON.stringify(good) }])
  await producer.close()
  const client = await notifier.connect(bo, { epoch: 1, seq: 0 })
  expect(await client.event(1)).toMatchObject({ id: good?.id })
  client.close()

  const cutLetters = async () =>
    (await graveyard.list()).flatMap(({ letter }) => (letter.cut === undefined ? [] : [letter]))
  await vi.waitFor(async () => expect(await cutLetters()).toHaveLength(1), bound)
  const [letter] = await cutLetters()
  if (letter === undefined) throw new Error('no letter')
  expect(letter.cut).toEqual({ keyLength: 4, valueLength: quotes })
  expect(letter.value).toBe('"'.repeat(65_536))
  const key = deadLetterKey(letter)
  expect((await run(['list'])).join('\n')).toMatch('cut: it has 65536 of 900000 characters')
  for (const lines of [await run(['replay', key]), await run(['replay'], true)]) {
    expect(lines).toContain(`not sent, it was cut: ${key}`)
    expect(lines).not.toContain(`sent again: ${key}`)
  }
  expect(await cutLetters()).toEqual([letter])
})

test('a name that no letter has sends nothing', async () => {
  await expect(run(['replay', 'nothing/0/0'])).rejects.toThrow('no dead letter is called')
  await expect(run(['replay'])).rejects.toThrow('--all')
  await expect(run(['bury'])).rejects.toThrow('list or replay')
})

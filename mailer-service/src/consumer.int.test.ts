import { randomUUID } from 'node:crypto'
import { makeLog } from '@quits/kit/log'
import { makePool, type Pool } from '@quits/kit/postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Bench, startBench } from '../test/bench.ts'
import { startCuttableLine } from '../test/cuttable-line.ts'
import { type Answer, startFakeSes } from '../test/fake-ses.ts'
import { makeConsumer } from './consumer.ts'
import { reasonHeader } from './publish.ts'
import { makeSend, type Outcome } from './send.ts'
import { makeSendRate } from './send-rate.ts'
import { addressHash, makeStore, type Store } from './store.ts'
import { makeTransport } from './transport.ts'

const log = makeLog({ service: 'mailer', level: 'silent' })
const bound = { timeout: 30_000, interval: 50 }

let bench: Bench
let pool: Pool
let ses: Awaited<ReturnType<typeof startFakeSes>>
let answer: Answer = () => undefined
let outcomes: Outcome[] = []
const running: { stop: AbortController; done: Promise<void> }[] = []

beforeAll(async () => {
  bench = await startBench()
  pool = makePool({ url: bench.serviceUrl, name: 'mailer-test', connectionsMax: 4, log })
  ses = await startFakeSes({ answer: (jobId, nth) => answer(jobId, nth) })
})
beforeEach(() => {
  answer = () => undefined
  outcomes = []
})
afterEach(async () => {
  for (const { stop } of running) stop.abort()
  await Promise.all(running.splice(0).map(({ done }) => done))
})
afterAll(async () => {
  await ses.close()
  await pool.end()
  await bench.close()
})

const makeTestSend = (store: Store = makeStore(pool)) =>
  makeSend({
    store,
    transport: makeTransport({
      region: 'eu-central-1',
      endpoint: ses.url,
      from: 'q@localhost.test',
    }),
    rate: makeSendRate({ perSecond: 1_000 }),
    jobsKey: bench.jobsKey,
    nowMs: Date.now,
    // No jitter left: every retry takes the shortest queue.
    random: () => 0,
    log,
  })

const startConsumer = (send = makeTestSend(), url = bench.rabbitmqUrl) => {
  const consumer = makeConsumer({
    url,
    prefix: bench.prefix,
    prefetch: 16,
    send,
    settled: (outcome) => outcomes.push(outcome),
    log,
  })
  const stop = new AbortController()
  running.push({ stop, done: consumer.run(stop.signal) })
  return consumer
}

const settled = (count: number) =>
  vi.waitFor(() => expect(outcomes.length).toBeGreaterThanOrEqual(count), bound)
const did = () => outcomes.map((outcome) => outcome.did)
const mailsOf = (jobId: string) => ses.accepted.filter((mail) => mail.jobId === jobId)
const rowOf = async (jobId: string) =>
  (await bench.query(`SELECT * FROM mail.sends WHERE job_id = '${jobId}'`)).rows[0]
const headersOfDead = async () => (await bench.dead())?.properties.headers

test('a job is sent once, recorded and acknowledged', async () => {
  startConsumer()
  const jobId = await bench.publish()
  await settled(1)
  const [mail, ...more] = mailsOf(jobId)
  expect(more).toEqual([])
  expect(mail?.subject).toBe('04719365 is your Quits code')
  expect(mail?.text.split('\n')).toContain('04719365')
  expect(await rowOf(jobId)).toMatchObject({ status: 'sent', attempts: 1, template: 'code' })
  expect(await bench.waiting(bench.topology.mailQueue)).toBe(0)
})

test('a job that was sent but not acknowledged is not sent a second time', async () => {
  const jobId = await bench.publish()
  await sendAndCrash()
  startConsumer()
  await settled(1)
  expect(did()).toEqual(['repeat_avoided'])
  expect(mailsOf(jobId)).toHaveLength(1)
})

test('the check can fail: a mailer that forgets its sends mails the same code twice', async () => {
  const forgetful = { ...makeStore(pool), claim: async () => 'claimed' as const }
  const jobId = await bench.publish()
  await sendAndCrash()
  startConsumer(makeTestSend(forgetful))
  await settled(1)
  expect(mailsOf(jobId)).toHaveLength(2)
})

/** A consumer that does everything but acknowledge. */
const sendAndCrash = async () => {
  const { message, crash } = await bench.takeOne(bench.topology.mailQueue)
  const delivery = { content: message.content, attempts: 0 }
  const outcome = await makeTestSend()(delivery, new AbortController().signal)
  expect(outcome.did).toBe('sent')
  await crash()
}

test('a throttled job waits in a retry queue and is sent later', async () => {
  const throttled = { status: 429, type: 'TooManyRequestsException' }
  answer = (_, nth) => (nth === 1 ? throttled : undefined)
  startConsumer()
  const jobId = await bench.publish()
  await settled(2)
  expect(outcomes[0]).toEqual({
    did: 'retried',
    afterSeconds: 1,
    reason: 'throttle:TooManyRequestsException',
  })
  expect(outcomes[1]).toEqual({ did: 'sent' })
  expect(mailsOf(jobId)).toHaveLength(1)
  expect(await rowOf(jobId)).toMatchObject({ status: 'sent', attempts: 2 })
})

test('a mail that SES will never take is tried once and becomes a dead letter', async () => {
  answer = () => ({ status: 400, type: 'MessageRejected' })
  startConsumer()
  const job = bench.makeJob()
  await bench.publish(job)
  await settled(1)
  const letter = await bench.dead()
  expect(letter?.properties.headers).toMatchObject({ [reasonHeader]: 'permanent:MessageRejected' })
  expect(letter?.properties.messageId).toBe(job.id)
  expect(JSON.parse(String(letter?.content))).toEqual(job)
  expect(ses.callsOf(job.id)).toBe(1)
  expect(await rowOf(job.id)).toMatchObject({
    status: 'failed',
    reason: 'permanent:MessageRejected',
  })
})

test('poison becomes a dead letter with its reason, and the rest goes on', async () => {
  startConsumer()
  await bench.publishRaw(Buffer.from('{"id":'), 'poison')
  await bench.publish(bench.makeJob({ sealed: 'AAAA' }))
  const jobId = await bench.publish()
  await settled(3)
  expect(new Set(did())).toEqual(new Set(['dead', 'sent']))
  const reasons = [await headersOfDead(), await headersOfDead()].map((h) => h?.[reasonHeader])
  expect(new Set(reasons)).toEqual(new Set(['not-json', 'not-unsealable']))
  expect(mailsOf(jobId)).toHaveLength(1)
})

test('attempts are bounded', async () => {
  answer = () => ({ status: 500, type: 'InternalServiceErrorException' })
  const content = Buffer.from(JSON.stringify(bench.makeJob()))
  const outcome = await makeTestSend()({ content, attempts: 19 }, new AbortController().signal)
  const reason = 'attempts:transient:InternalServiceErrorException'
  expect(outcome).toEqual({ did: 'dead', reason })
})

test('an expired job is dropped and never sent', async () => {
  startConsumer()
  const jobId = await bench.publish(bench.makeJob({ expiresAt: new Date().toISOString() }))
  await settled(1)
  expect(did()).toEqual(['dropped_expired'])
  expect(ses.callsOf(jobId)).toBe(0)
  expect(await rowOf(jobId)).toMatchObject({ status: 'expired' })
})

test('a job that fails until its expiry is dropped, not tried after it', async () => {
  answer = () => ({ status: 500, type: 'InternalServiceErrorException' })
  startConsumer()
  const expiresAt = new Date(Date.now() + 2_500).toISOString()
  const jobId = await bench.publish(bench.makeJob({ expiresAt }))
  await vi.waitFor(() => expect(did()).toContain('dropped_expired'), bound)
  expect(did().filter((what) => what === 'retried').length).toBeGreaterThan(0)
  expect(await rowOf(jobId)).toMatchObject({ status: 'expired' })
  expect(await bench.dead()).toBeUndefined()
})

test('a suppressed address gets nothing', async () => {
  const job = bench.makeJob({ to: { address: 'Gone@example.com', name: 'Gone' } })
  const hash = addressHash('gone@EXAMPLE.com').toString('hex')
  await bench.query(`INSERT INTO mail.suppressions VALUES ('\\x${hash}', 'bounce')`)
  startConsumer()
  await bench.publish(job)
  await settled(1)
  expect(did()).toEqual(['suppressed'])
  expect(ses.callsOf(job.id)).toBe(0)
})

test('a paused account is told from a bad job: the job is kept until it expires', async () => {
  answer = () => ({ status: 400, type: 'SendingPausedException' })
  startConsumer()
  const expiresAt = new Date(Date.now() + 1_900).toISOString()
  const jobId = await bench.publish(bench.makeJob({ expiresAt }))
  await settled(2)
  expect(outcomes[0]).toMatchObject({ did: 'retried', reason: 'paused:SendingPausedException' })
  expect(outcomes[1]).toEqual({ did: 'dropped_expired' })
  // Sending paused for all, so nobody asked SES a second time.
  expect(ses.callsOf(jobId)).toBe(1)
})

test('when the database is away the job is tried later, not lost', async () => {
  const away: Store = {
    ...makeStore(pool),
    claim: async () => Promise.reject(new Error('connection refused')),
  }
  startConsumer(makeTestSend(away))
  const jobId = await bench.publish()
  await settled(1)
  expect(outcomes[0]).toMatchObject({ did: 'retried', reason: 'transient:Error' })
  for (const { stop } of running) stop.abort()
  startConsumer()
  await vi.waitFor(() => expect(mailsOf(jobId)).toHaveLength(1), bound)
})

test('a job whose connection is cut during the call is finished, recognised and not repeated', async () => {
  const line = await startCuttableLine(bench.rabbitmqUrl)
  const consumer = startConsumer(makeTestSend(), line.url)
  answer = () => {
    line.cut()
    return undefined
  }
  const jobId = await bench.publish()
  await settled(1)
  expect(did()).toEqual(['repeat_avoided'])
  expect(mailsOf(jobId)).toHaveLength(1)
  expect(consumer.ready()).toBe(true)
  await line.close()
})

test('a consumer whose queue was deleted declares it anew and goes on', async () => {
  const consumer = startConsumer()
  await vi.waitFor(() => expect(consumer.ready()).toBe(true), bound)
  await bench.deleteMainQueue()
  await vi.waitFor(() => expect(consumer.ready()).toBe(false), bound)
  await vi.waitFor(() => expect(consumer.ready()).toBe(true), bound)
  const jobId = await bench.publish()
  await vi.waitFor(() => expect(mailsOf(jobId)).toHaveLength(1), bound)
})

test('the sweep forgets old sends alone, and the service may do nothing to suppressions but add', async () => {
  const [old, fresh] = [randomUUID(), randomUUID()]
  await bench.query(
    `INSERT INTO mail.sends (job_id, template, status, claimed_at)
     VALUES ('${old}', 'code', 'failed', now() - interval '31 days'),
            ('${fresh}', 'code', 'failed', now() - interval '29 days')`,
  )
  expect(await makeStore(pool).removeOlderThan(30, 1_000)).toBe(1)
  expect(await rowOf(old)).toBeUndefined()
  expect(await rowOf(fresh)).toBeDefined()
  await expect(pool.query('DELETE FROM mail.suppressions')).rejects.toThrow(/permission denied/)
})

test('no address is kept in clear', async () => {
  const { rows } = await bench.query('SELECT s::text FROM mail.sends s')
  expect(rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(rows)).not.toContain('@')
})

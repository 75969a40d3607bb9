import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Bench, startBench } from '../test/bench.ts'
import { startFakeSes } from '../test/fake-ses.ts'

const bound = { timeout: 40_000, interval: 20 }
const jobsCount = 100
const prefetch = 16
const theMailer = fileURLToPath(new URL('main.ts', import.meta.url))
const theAutoAckTwin = fileURLToPath(new URL('../test/auto-ack.ts', import.meta.url))

let bench: Bench
let ses: Awaited<ReturnType<typeof startFakeSes>>
const children = new Set<ChildProcess>()

beforeEach(async () => {
  bench = await startBench()
  ses = await startFakeSes({ delayMs: 20 })
})
afterEach(async () => {
  for (const child of children) await kill(child, 'SIGKILL')
  await ses.close()
  await bench.close()
})

const start = (entry: string, metricsPort = 0): ChildProcess => {
  const child = spawn(process.execPath, [entry], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      METRICS_PORT: String(metricsPort),
      BROKER_PREFIX: bench.prefix,
      POSTGRES_URL: bench.serviceUrl,
      RABBITMQ_URL: bench.rabbitmqUrl,
      SES_URL: ses.url,
      QUITS_JOBS_KEY: bench.jobsKey.toString('base64url'),
      MAIL_PREFETCH: String(prefetch),
      SEND_PER_SECOND: '200',
    },
  })
  children.add(child)
  return child
}

/** Resolves with the exit code; null when the signal ended it. */
const kill = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
  return child.exitCode
}

const accepted = (count: number) =>
  vi.waitFor(() => expect(ses.accepted.length).toBeGreaterThanOrEqual(count), bound)
const nothingWaits = () =>
  vi.waitFor(async () => expect(await bench.waiting(bench.topology.mailQueue)).toBe(0), bound)

/** What the people behind the jobs saw. */
const countMails = (jobIds: string[]) => {
  const mailed = new Set(ses.accepted.map((mail) => mail.jobId))
  return {
    lost: jobIds.filter((id) => !mailed.has(id)).length,
    repeats: ses.accepted.length - mailed.size,
  }
}

/** Kills `entry` three times in the middle of its work, and lets a fourth finish. */
const killedThreeTimes = async (entry: string) => {
  const jobIds: string[] = []
  for (let job = 0; job < jobsCount; job += 1) jobIds.push(await bench.publish())
  let kills = 0
  for (const share of [0.2, 0.45, 0.7]) {
    const child = start(entry)
    // Where jobs are lost, the share is never reached: an empty queue ends the round as well.
    await Promise.race([accepted(jobsCount * share), nothingWaits()])
    await kill(child, 'SIGKILL')
    kills += 1
  }
  return { jobIds, kills }
}

test('a mailer killed three times in the middle of its queue loses nothing and hardly repeats', async () => {
  const { jobIds, kills } = await killedThreeTimes(theMailer)
  expect(countMails(jobIds).lost).toBeGreaterThan(0)
  start(theMailer)
  await vi.waitFor(() => expect(countMails(jobIds).lost).toBe(0), bound)
  await nothingWaits()
  expect(countMails(jobIds).repeats).toBeLessThanOrEqual(prefetch * kills)
  const codes = new Set(ses.accepted.map((mail) => mail.subject))
  expect(codes).toEqual(new Set(['04719365 is your Quits code']))
})

test('the check can fail: a mailer that acknowledges on receipt loses jobs', async () => {
  const { jobIds } = await killedThreeTimes(theAutoAckTwin)
  expect(await bench.waiting(bench.topology.mailQueue)).toBe(0)
  expect(countMails(jobIds).lost).toBeGreaterThan(0)
})

test('SIGTERM ends the mailer in good order: what is in hand is finished, the rest stays queued', async () => {
  const jobIds: string[] = []
  for (let job = 0; job < jobsCount; job += 1) jobIds.push(await bench.publish())
  const first = start(theMailer)
  await accepted(20)
  expect(await kill(first, 'SIGTERM')).toBe(0)
  const { rows } = await bench.query("SELECT FROM mail.sends WHERE status = 'sent'")
  expect(rows).toHaveLength(ses.accepted.length)
  start(theMailer)
  await vi.waitFor(() => expect(countMails(jobIds)).toEqual({ lost: 0, repeats: 0 }), bound)
})

test('it is ready once it is subscribed and the database answers, and counts what it does', async () => {
  const port = await freePort()
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  start(theMailer, port)
  await vi.waitFor(async () => {
    const checks = { consumer: true, postgres: true }
    expect(JSON.parse(await ask('/readyz'))).toEqual({ ready: true, checks })
  }, bound)
  await bench.publish()
  await vi.waitFor(async () => {
    const figures = await ask('/metrics')
    expect(figures).toMatch(/quits_mail_jobs_total\{outcome="sent".*\} 1/)
    expect(figures).toMatch(/quits_mail_job_age_seconds_count.* 1/)
  }, bound)
})

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

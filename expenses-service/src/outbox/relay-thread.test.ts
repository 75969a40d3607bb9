import { expect, test } from 'vitest'
import { makeRelayThread } from './relay-thread.ts'

const nowhere = '127.0.0.1:9'
const plan = {
  postgresUrl: `postgres://nobody@${nowhere}/none`,
  kafkaBrokers: nowhere,
  brokerPrefix: 'test',
  logLevel: 'silent',
}

test('ends when it is told to, also while nobody can be reached', async () => {
  const stop = new AbortController()
  const running = makeRelayThread(plan).run(stop.signal)
  stop.abort()
  await expect(running).resolves.toBeUndefined()
})

test('was told to stop before it began, and ends', async () => {
  await expect(makeRelayThread(plan).run(AbortSignal.abort())).resolves.toBeUndefined()
})

test('a thread that fails is told to whoever runs it: a ledger without a relay is half alive', async () => {
  const broken = makeRelayThread({ ...plan, logLevel: 'no such level' })
  await expect(broken.run(new AbortController().signal)).rejects.toThrow('no such level')
})

test('every wake-up is told to the thread, and an end that nobody asked for is a failure', async () => {
  const program = `
    import { parentPort } from 'node:worker_threads'
    let woken = 0
    parentPort.on('message', (word) => {
      if (word === 'wake') woken += 1
      if (woken === 3) process.exit(40 + woken)
    })`
  const relay = makeRelayThread(
    plan,
    new URL(`data:text/javascript,${encodeURIComponent(program)}`),
  )
  const running = relay.run(new AbortController().signal)
  for (let wakeUp = 0; wakeUp < 3; wakeUp += 1) relay.wake()
  await expect(running).rejects.toThrow('code 43')
})

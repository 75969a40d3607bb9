import { afterEach, expect, test } from 'vitest'
import { makeRelayThread } from './relay-thread.ts'

const timeout = 60_000
const plan = { postgresUrl: '', kafkaBrokers: '', brokerPrefix: 'test', logLevel: 'silent' }
const ends: AbortController[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end.abort()
})
const signal = () => {
  const end = new AbortController()
  ends.push(end)
  return end.signal
}

test('a thread that fails is told to whoever runs it: a ledger without a relay is half alive', {
  timeout,
}, async () => {
  const broken = makeRelayThread({ ...plan, logLevel: 'no such level' })
  await expect(broken.run(signal())).rejects.toThrow('no such level')
})

test('every wake-up is told to the thread, and an end that nobody asked for is a failure', {
  timeout,
}, async () => {
  const program = `
      import { parentPort } from 'node:worker_threads'
      let woken = 0
      parentPort.on('message', (word) => {
        if (word === 'wake') woken += 1
        if (woken === 3) process.exit(40 + woken)
      })`
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`)
  const relay = makeRelayThread(plan, url)
  const running = relay.run(signal())
  for (let wakeUp = 0; wakeUp < 3; wakeUp += 1) relay.wake()
  await expect(running).rejects.toThrow('code 43')
})

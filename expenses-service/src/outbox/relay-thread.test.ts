import { afterEach, expect, test } from 'vitest'
import { makeRelayThread } from './relay-thread.ts'

const timeout = 60_000
const plan = {
  postgresUrl: '',
  kafkaBrokers: '',
  brokerPrefix: 'test',
  logLevel: 'silent',
  giveWayMsMax: 0,
}
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

/** Ends at its third `word`, with code 43, or at any other, with code 1. */
const countingProgram = (word: string) => {
  const program = `
      import { parentPort } from 'node:worker_threads'
      let heard = 0
      parentPort.on('message', (word) => {
        if (word !== '${word}') process.exit(1)
        heard += 1
        if (heard === 3) process.exit(40 + heard)
      })`
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`)
}

test.each([
  ['wake', false],
  ['busy', true],
])(
  'each wake-up is told to the thread, as “%s”, and an end that nobody asked for is a failure',
  {
    timeout,
  },
  async (word, isBusy) => {
    const relay = makeRelayThread(plan, countingProgram(word), () => isBusy)
    const running = relay.run(signal())
    for (let wakeUp = 0; wakeUp < 3; wakeUp += 1) relay.wake()
    await expect(running).rejects.toThrow('code 43')
  },
)

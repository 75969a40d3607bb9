import { describe, expect, it } from 'vitest'
import type { Child, Exit } from './child.ts'
import { supervise } from './supervise.ts'

/** A process that ends when told to, without a system behind it. */
function makeFakeChild(pid: number) {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>()
  let running = true
  const end = (code: number | null, signal: NodeJS.Signals | null = null) => {
    running = false
    resolve({ code, signal })
  }
  const child: Child = {
    name: 'fake',
    pid,
    commandLine: 'fake',
    exited,
    isRunning: () => running,
    kill: () => undefined,
    stop: async (signal) => end(null, signal),
    lastLines: () => [],
  }
  return { child, end }
}

async function superviseFakes() {
  const fakes: ReturnType<typeof makeFakeChild>[] = []
  const said: string[] = []
  const supervised = await supervise({
    name: 'fake',
    stopSignal: 'SIGTERM',
    graceMs: 10,
    say: (text) => said.push(text),
    start: async () => {
      const fake = makeFakeChild(fakes.length + 1)
      fakes.push(fake)
      return fake.child
    },
  })
  return { supervised, fakes, said }
}

describe('a supervised process', () => {
  it('is started again after an exit that nobody asked for, and that is said', async () => {
    const { supervised, fakes, said } = await superviseFakes()
    fakes[0]?.end(1)
    await expect.poll(() => supervised.pid, { timeout: 5_000 }).toBe(2)
    expect(said[0]).toContain('code 1')
    await supervised.stop()
  })

  it('that cannot start again is tried five times, and then left alone', async () => {
    const first = makeFakeChild(1)
    const said: string[] = []
    let starts = 0
    const supervised = await supervise({
      name: 'fake',
      stopSignal: 'SIGTERM',
      graceMs: 10,
      firstDelayMs: 1,
      say: (text) => said.push(text),
      start: () => {
        starts += 1
        return starts === 1 ? Promise.resolve(first.child) : Promise.reject(new Error('no'))
      },
    })
    first.end(1)
    await expect.poll(() => said.at(-1)).toContain('ended 6 times in a row and is left alone')
    expect(starts).toBe(1 + 5)
    await supervised.stop()
  })

  it('that a test killed stays down until it is restarted', async () => {
    const { supervised, fakes } = await superviseFakes()
    await supervised.kill('SIGKILL')
    expect(supervised.isRunning).toBe(false)
    expect(fakes).toHaveLength(1)
    await supervised.restart()
    expect(supervised.pid).toBe(2)
    await supervised.stop()
  })

  it('that is restarted while it runs is started once, and nobody wonders why it ended', async () => {
    const { supervised, fakes, said } = await superviseFakes()
    await supervised.restart()
    expect([fakes.length, supervised.pid, said]).toEqual([2, 2, []])
    await supervised.stop()
  })

  it('is not started again once it was stopped', async () => {
    const { supervised, fakes, said } = await superviseFakes()
    await supervised.stop()
    expect(supervised.isRunning).toBe(false)
    expect(fakes).toHaveLength(1)
    expect(said).toEqual([])
  })
})

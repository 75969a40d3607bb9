/** A device that comes back for as long as it is wanted, from the last event it has applied. */
import { setTimeout as delay } from 'node:timers/promises'
import type { clientOf, Person } from './bench.ts'

const comeBackMs = 100

/** `applied` holds each seq as the screen got it: those at or below the last are dropped. */
export const makeSteadfastClient = (service: ReturnType<typeof clientOf>, person: Person) => {
  const applied: number[] = []
  const gaps: number[] = []
  const left = new AbortController()
  let spells = 0

  const spell = async () => {
    const seq = applied.at(-1) ?? 0
    const client = await service.connect(person, { epoch: 1, seq })
    spells += 1
    client.socket.on('message', () => {
      for (const event of client.of('event')) {
        if (event.seq > (applied.at(-1) ?? 0)) applied.push(event.seq)
      }
      gaps.push(...client.of('gap').map(({ earliest }) => earliest))
      client.frames.length = 0
      if (left.signal.aborted) client.close()
    })
    left.signal.addEventListener('abort', () => client.close(), { once: true })
    await new Promise<void>((resolve) => client.socket.once('close', () => resolve()))
  }

  const run = async () => {
    while (!left.signal.aborted) {
      await spell().catch(() => undefined)
      if (!left.signal.aborted) await delay(comeBackMs)
    }
  }
  const running = run()
  return {
    applied,
    gaps,
    spells: () => spells,
    async leave(): Promise<void> {
      left.abort()
      await running
    },
  }
}

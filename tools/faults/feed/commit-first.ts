// The broken twin of everything that counts what is stored: it commits the offset, then dies.
import { randomUUID } from 'node:crypto'
import { makeEvents } from '../../../notifier-service/test/events.ts'
import { startBrokenReader } from './broken-reader.ts'
import { comesTrue, faultsOfStore } from './checks.ts'
import type { FeedWorld } from './world.ts'

const count = 100
const readMsMax = 60_000

/** What the same check says of it; none if it was not noticed. */
export async function faultsOfCommitFirst(world: FeedWorld): Promise<string[]> {
  const reader = await startBrokenReader(world, { commitsFirst: true })
  try {
    const events = makeEvents({ lender: randomUUID(), borrower: randomUUID() }, count)
    await reader.send(events)
    if (!(await comesTrue(() => reader.read() >= count, readMsMax))) {
      throw new Error('the twin read nothing')
    }
    return await faultsOfStore(world, events)
  } finally {
    await reader.stop()
  }
}

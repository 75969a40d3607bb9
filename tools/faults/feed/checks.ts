// What a feed promises, as questions to what a device was told and to what is stored.
import { setTimeout as delay } from 'node:timers/promises'
import { rowsOf } from '../../../notifier-service/src/feed-store.ts'
import type { Device } from './device.ts'
import type { FeedWorld } from './world.ts'

const pollMs = 50

/** Whether it came true in time. The harness looks; what it looks at moves by itself. */
export async function comesTrue(
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const endMs = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > endMs) return false
    await delay(pollMs)
  }
  return true
}

/** 1 to `count`, once, in order, without having to read anything anew. */
export function faultsOfDevice(device: Device, count: number): string[] {
  const { applied, name } = device
  const wrong = applied.findIndex((seq, index) => seq !== index + 1)
  const faults: string[] = []
  if (wrong !== -1) faults.push(`${name} got ${applied[wrong]} where ${wrong + 1} was due`)
  if (applied.length !== count) faults.push(`${name} got ${applied.length} of ${count} events`)
  if (device.reloads() > 0) faults.push(`${name} was told to reload ${device.reloads()} times`)
  return faults
}

/** As much of an event as has to be known to look for it. */
export interface DueEvent {
  id: string
  data: { parties: { userId: string }[] }
}

/** Each event once in the feed of each party, seqs from 1 without a hole, each book in order. */
export async function faultsOfStore(
  world: Pick<FeedWorld, 'bench'>,
  events: DueEvent[],
): Promise<string[]> {
  const due = new Map<string, Set<string>>()
  for (const { id, data } of events) {
    for (const { userId } of data.parties) due.set(userId, (due.get(userId) ?? new Set()).add(id))
  }
  const faults: string[] = []
  for (const [userId, ids] of due) {
    const rows = await rowsOf(world.bench.database)
      .find({ userId })
      .sort({ seq: 1 })
      .project<{ seq: number; id: string }>({ seq: 1, id: 1 })
      .toArray()
    faults.push(...faultsOfFeed(userId, rows, ids))
  }
  return faults
}

function faultsOfFeed(userId: string, rows: { seq: number; id: string }[], due: Set<string>) {
  const faults: string[] = []
  const got = new Set(rows.map(({ id }) => id))
  const missing = [...due].filter((id) => !got.has(id))
  if (missing.length > 0) faults.push(`${userId} misses ${missing.length} of ${due.size} events`)
  if (got.size < rows.length) faults.push(`${userId} has ${rows.length - got.size} events twice`)
  if (got.size > due.size) faults.push(`${userId} has ${got.size - due.size} events too many`)
  const hole = rows.findIndex(({ seq }, index) => seq !== index + 1)
  if (hole !== -1) faults.push(`${userId} has no seq ${hole + 1}`)
  const last = new Map<string, number>()
  for (const { id } of rows) {
    const [book = '', seq = ''] = id.split(':')
    if (Number(seq) <= (last.get(book) ?? 0)) faults.push(`${userId} has ${id} out of order`)
    last.set(book, Number(seq))
  }
  return faults
}

/** Rows in all feeds: a question that costs the store nothing, however often it is asked. */
export const countRows = ({ bench }: Pick<FeedWorld, 'bench'>): Promise<number> =>
  rowsOf(bench.database).estimatedDocumentCount()

/** Whether there are so many more rows than `before`, in time. */
export const areStored = (
  world: Pick<FeedWorld, 'bench'>,
  rows: { before: number; more: number },
  withinMs: number,
): Promise<boolean> =>
  comesTrue(async () => (await countRows(world)) >= rows.before + rows.more, withinMs)

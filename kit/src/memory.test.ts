import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const memory = new URL('memory.ts', import.meta.url).href

/** Objects of one line that live long, as in a slow start, and then some that are garbage at once. */
const slowStart = `
import { getHeapSpaceStatistics } from 'node:v8'
const bytes = () =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size
const make = (id) => ({ id, data: { id } })
const fill = (count, kept) => { for (let id = 0; id < count; id += 1) kept[id] = make(id) }
for (let round = 0; round < 40; round += 1) fill(50_000, [])
const kept = []
for (let round = 0; round < 40; round += 1) fill(200_000, kept)
let grown = 0
for (let round = 0; round < 100; round += 1) {
  const before = bytes()
  fill(5_000, [])
  // A full collection in between makes it smaller.
  grown += Math.max(0, bytes() - before)
}
console.log(grown)
`
/** A heap of which nearly all lives on, collected a few times. */
const livingHeap = `
const live = Array.from({ length: 300_000 }, (_, id) => ({ id, data: { id } }))
for (let round = 0; round < 4; round += 1) gc()
for (let id = 0; id < 100_000; id += 1) live[0] = { id, data: { id } }
`
/** More than the pool that Node began with has room for. */
const smallBuffers = `
const pieces = Array.from({ length: 100 }, () => Buffer.from('x'.repeat(1_000)))
console.log(pieces.at(-1).buffer.byteLength)
`
const tuning = `import { tuneMemory } from '${memory}'; tuneMemory();`

const execute = async (program: string, flags: string[] = []): Promise<string> => {
  // Small enough that a second is a long time, and with a bound, as services have.
  const heap = ['--min-semi-space-size=1', '--max-semi-space-size=1', '--max-old-space-size=256']
  const args = [...heap, ...flags, '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return stdout
}
const run = async (program: string): Promise<number> => Number(await execute(program))

const oneMb = 1_000_000
const waitMsMax = 60_000

test('what lives a moment is not made where only a full collection finds it', {
  timeout: waitMsMax,
}, async () => {
  const [untuned, tuned] = await Promise.all([run(slowStart), run(tuning + slowStart)])
  // Should this fail some day, V8 has learned it, and the flag may go.
  expect(untuned).toBeGreaterThan(20 * oneMb)
  expect(tuned).toBeLessThan(5 * oneMb)
})

test('a heap may grow by a good part before all of it is collected', {
  timeout: waitMsMax,
}, async () => {
  /** Where the next full collection begins, by the size that the last one left. */
  const limit = async (program: string) => {
    const trace = await execute(program, ['--expose-gc', '--trace-gc', '--trace-gc-nvp'])
    const [, left] = /.*"gc":"mc"[^\n]*"end_object_size":(\d+)/s.exec(trace) ?? []
    const [, allowed] = /.*"gc":"s".*"old_gen_allocation_limit":(\d+)/s.exec(trace) ?? []
    return Number(allowed) / Number(left)
  }
  const [untuned, tuned] = await Promise.all([limit(livingHeap), limit(tuning + livingHeap)])
  expect(untuned).toBeLessThan(1.45)
  expect(tuned).toBeGreaterThan(1.55)
})

test('a small buffer that is kept keeps a small pool', { timeout: waitMsMax }, async () => {
  expect(await run(tuning + smallBuffers)).toBeLessThan(10_000)
})

import { expect, test } from 'vitest'
import { BatchFull, makeTurnBatch } from './turn-batch.ts'

const recording = (lengthMax = 10, pendingMax = 100) => {
  const batches: number[][] = []
  const ask = makeTurnBatch<number, number>({
    lengthMax,
    pendingMax,
    run: async (items) => {
      batches.push(items)
      return items.map((item) => item * 2)
    },
  })
  return { ask, batches }
}

test('the questions of one turn travel together and each gets its own answer', async () => {
  const { ask, batches } = recording()
  expect(await Promise.all([ask(1), ask(2), ask(3)])).toEqual([2, 4, 6])
  expect(await ask(4)).toBe(8)
  expect(batches).toEqual([[1, 2, 3], [4]])
})

test('a long turn is cut into batches of the greatest length', async () => {
  const { ask, batches } = recording(2)
  await Promise.all([ask(1), ask(2), ask(3)])
  expect(batches).toEqual([[1, 2], [3]])
})

test('a question above the bound is refused at once, and room returns with the answers', async () => {
  const { ask } = recording(10, 2)
  const open = [ask(1), ask(2)]
  await expect(ask(3)).rejects.toBeInstanceOf(BatchFull)
  await Promise.all(open)
  expect(await ask(4)).toBe(8)
})

test('a batch that fails, or answers too few, fails all of its own callers only', async () => {
  let calls = 0
  const ask = makeTurnBatch<number, number>({
    lengthMax: 10,
    pendingMax: 10,
    run: async (items) => {
      calls += 1
      if (calls === 1) throw new Error('gone')
      return calls === 2 ? [] : items
    },
  })
  expect((await Promise.allSettled([ask(1), ask(2)])).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
  ])
  await expect(ask(1)).rejects.toThrow('wrong answer count')
  expect(await ask(5)).toBe(5)
})

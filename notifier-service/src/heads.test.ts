import { expect, test } from 'vitest'
import { makeHeads } from './heads.ts'

test('heads that were read together are read again at different times, each within ten minutes', async () => {
  let nowMs = 0
  let reads = 0
  const store = {
    head: async () => {
      reads += 1
      return { epoch: 1, seq: 7 }
    },
  }
  const heads = makeHeads({ store, now: () => nowMs })
  const people = Array.from({ length: 200 }, (_, index) => `person ${index}`)
  await heads.of(people)
  expect(reads).toBe(people.length)

  const readsByTime: number[] = []
  for (nowMs = 30_000; nowMs <= 600_000; nowMs += 30_000) {
    const readsBefore = reads
    await heads.of(people)
    readsByTime.push(reads - readsBefore)
  }
  expect(Math.max(...readsByTime)).toBeLessThan(people.length / 2)
  expect(reads).toBeGreaterThanOrEqual(2 * people.length)
})

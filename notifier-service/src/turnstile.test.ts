import { expect, test } from 'vitest'
import { CrowdedError, makeTurnstile } from './turnstile.ts'

test('a crowd is served in its order, so many at once and no more', async () => {
  const pass = makeTurnstile({ insideMax: 2, waitingMax: 3 })
  const begun: number[] = []
  const visits = [0, 1, 2, 3, 4].map((name) => {
    const begin = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const passed = pass(() => {
      begun.push(name)
      begin.resolve()
      return end.promise
    })
    return { begin: begin.promise, end: end.resolve, passed }
  })
  await expect(pass(async () => undefined)).rejects.toThrow(CrowdedError)
  // Whoever leaves, the one that came first is next.
  for (const [index, leaving] of [1, 0, 2].entries()) {
    expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, index + 2))
    visits[leaving]?.end()
    await visits[leaving]?.passed
    await visits[index + 2]?.begin
  }
  expect(begun).toEqual([0, 1, 2, 3, 4])
  for (const { end, passed } of visits) {
    end()
    await passed
  }
})

test('whoever fails gives the place up', async () => {
  const pass = makeTurnstile({ insideMax: 1, waitingMax: 0 })
  await expect(pass(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await pass(async () => 'in')).toBe('in')
})

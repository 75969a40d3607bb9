import { expect, test } from 'vitest'
import { makeGather } from './gather.ts'

/** A gather whose calls end when they are told to. */
const scene = () => {
  const calls: { items: string[]; end: PromiseWithResolvers<void> }[] = []
  const begun: (() => void)[] = []
  const gather = makeGather<string>((items) => {
    const end = Promise.withResolvers<void>()
    calls.push({ items, end })
    begun.shift()?.()
    return end.promise
  })
  const next = () => new Promise<void>((resolve) => begun.push(resolve))
  return { calls, gather, next }
}

test('what comes in one turn is one call, and what comes meanwhile is the next', async () => {
  const { calls, gather, next } = scene()
  const first = next()
  const one = [gather(['a1', 'a2']), gather(['b1'])]
  await first
  const two = [gather(['c1']), gather(['a3'])]
  const second = next()
  expect(calls.map(({ items }) => items)).toEqual([['a1', 'a2', 'b1']])
  calls[0]?.end.resolve()
  await Promise.all(one)
  await second
  expect(calls[1]?.items).toEqual(['c1', 'a3'])
  calls[1]?.end.resolve()
  await Promise.all(two)
})

test('one caller’s trouble is nobody else’s', async () => {
  const taken: string[][] = []
  const gather = makeGather<string>(async (items) => {
    if (items.includes('bad')) throw new Error('refused')
    taken.push(items)
  })
  const outcomes = await Promise.allSettled([gather(['a']), gather(['bad']), gather(['c'])])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(taken).toEqual([['a'], ['c']])
  await gather(['d'])
  expect(taken.at(-1)).toEqual(['d'])
})

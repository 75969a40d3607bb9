import { expect, test } from 'vitest'
import { makeBoundedCache } from './bounded-cache.ts'

test('an entry lives as long as it was given', () => {
  let now = 1_000
  const cache = makeBoundedCache<string>({ entriesMax: 2, now: () => now })
  cache.set('a', 'one', 50)
  now = 1_049
  expect(cache.get('a')).toBe('one')
  now = 1_050
  expect(cache.get('a')).toBeUndefined()
})

test('the oldest entry leaves when the cache is full', () => {
  const cache = makeBoundedCache<number>({ entriesMax: 2, now: () => 0 })
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index, 10)
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([undefined, 1, 2, 2])
})

test('entries are dropped by what they hold', () => {
  const cache = makeBoundedCache<{ user: string }>({ entriesMax: 9, now: () => 0 })
  cache.set('x', { user: 'ana' }, 10)
  cache.set('y', { user: 'bo' }, 10)
  cache.deleteWhere((value) => value.user === 'ana')
  expect([cache.get('x'), cache.get('y')]).toEqual([undefined, { user: 'bo' }])
})

import { expect, test } from 'vitest'
import { makeSpread } from './spread.ts'

const spreadOf = (count: number) => {
  const clock = { ms: 1_000 }
  const urls = Array.from({ length: count }, (_, index) => `http://notifier-${index}`)
  return { clock, urls, spread: makeSpread({ urls, now: () => clock.ms }) }
}
const takeUrls = (spread: ReturnType<typeof makeSpread>, count: number) =>
  Array.from({ length: count }, () => spread.take().url)

test('connections go to the notifier that holds the fewest', () => {
  const { spread, urls } = spreadOf(3)
  const taken = takeUrls(spread, 300)
  for (const url of urls) expect(taken.filter((one) => one === url)).toHaveLength(100)
})

test('what has ended makes room', () => {
  const { spread } = spreadOf(2)
  const places = Array.from({ length: 10 }, () => spread.take())
  const [first] = places
  for (const place of places) if (place.url === first?.url) place.leave()
  expect(new Set(takeUrls(spread, 5))).toEqual(new Set([first?.url]))
})

test('brief requests, one after the other, are spread too', () => {
  const { spread, urls } = spreadOf(2)
  const taken = Array.from({ length: 4 }, () => {
    const place = spread.take()
    place.leave()
    return place.url
  })
  expect(taken).toEqual([...urls, ...urls])
})

test('one that could not be reached rests for two seconds', () => {
  const { spread, clock, urls } = spreadOf(2)
  const [gone, other] = urls
  const place = spread.take()
  expect(place.url).toBe(gone)
  place.failed()
  place.leave()
  expect(takeUrls(spread, 3)).toEqual([other, other, other])
  clock.ms += 2_000
  expect(spread.take().url).toBe(gone)
})

test('when all of them rest, they are tried all the same', () => {
  const { spread, urls } = spreadOf(2)
  for (const place of [spread.take(), spread.take()]) place.failed()
  expect(new Set(takeUrls(spread, 2))).toEqual(new Set(urls))
})

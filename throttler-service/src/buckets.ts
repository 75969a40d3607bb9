/**
 * The buckets in Redis. All checks of one event-loop turn travel as one script call, on Redis' own
 * clock; the script is the only place where a bucket is read or written.
 */
import { readFileSync } from 'node:fs'
import { makeTurnBatch } from '@quits/kit/turn-batch'
import type { Redis } from 'ioredis'

/** One bucket of a check. Capacity and cost are in microseconds of leaking. */
export interface Draw {
  key: string
  capacityUs: number
  costUs: number
}
export interface Drawn {
  allowed: boolean
  /** In the order of the draws. `waitUs` is 0 where this bucket had room. */
  buckets: { levelUs: number; waitUs: number }[]
}

interface ScriptRedis {
  quitsLeak(keyCount: number, ...rest: string[]): Promise<number[]>
}

const script = readFileSync(new URL('./leaky-bucket.lua', import.meta.url), 'utf8')
/** One call blocks Redis; so many checks take it about a millisecond. */
const checksPerCallMax = 256
const pendingMax = 10_000

export type Buckets = ReturnType<typeof makeBuckets>

/**
 * `draw` takes from all the buckets of one check, or from none. Rejects when Redis cannot answer.
 * `nowUs` replaces Redis' clock in tests.
 */
export const makeBuckets = (options: { redis: Redis; nowUs?: () => number }) => {
  options.redis.defineCommand('quitsLeak', { lua: script })
  const redis = options.redis as unknown as ScriptRedis

  const run = async (checks: Draw[][]): Promise<Drawn[]> => {
    const keys = checks.flat().map(({ key }) => key)
    const words = checks.flatMap((draws) => [
      String(draws.length),
      ...draws.flatMap(({ capacityUs, costUs }) => [String(capacityUs), String(costUs)]),
    ])
    const now = options.nowUs === undefined ? '' : String(options.nowUs())
    const numbers = await redis.quitsLeak(
      keys.length,
      ...keys,
      now,
      String(checks.length),
      ...words,
    )
    return readResult(checks, numbers)
  }

  return {
    draw: makeTurnBatch<Draw[], Drawn>({ lengthMax: checksPerCallMax, pendingMax, run }),
  }
}

const readResult = (checks: Draw[][], numbers: number[]): Drawn[] => {
  let place = 0
  const next = () => {
    const number = numbers[place]
    place += 1
    if (number === undefined) throw new Error('the bucket script answered too little')
    return number
  }
  return checks.map((draws) => ({
    allowed: next() === 1,
    buckets: draws.map(() => ({ levelUs: next(), waitUs: next() })),
  }))
}

// Chance that comes out the same for the same seed (mulberry32, a public-domain generator of 32 bits).

export interface Random {
  /** True with the given probability. */
  chance: (probability: number) => boolean
  /** A whole number from `min` to `max`, both included. */
  whole: (min: number, max: number) => number
  pick: <T>(choices: readonly [T, ...T[]]) => T
  /** An amount from `min` to `max` in steps. */
  amount: (min: bigint, max: bigint, step: bigint) => bigint
}

export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    chance: (probability) => next() < probability,
    whole,
    pick: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
    amount: (min, max, step) => min + BigInt(whole(0, Number((max - min) / step))) * step,
  }
}

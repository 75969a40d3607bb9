// Faults as rules: each is a pattern on frames, a chance, and a count of how often it bit.
import type { Random } from '../../demo/random.ts'
import type { Action, Direction, Frame, Rule } from './frame.ts'

export interface Matching {
  direction: Direction
  label: RegExp
}

const matches = (frame: Frame, { direction, label }: Matching) =>
  frame.direction === direction && label.test(frame.label)

/** Ends the connection instead of delivering a matching frame, with the given probability. */
export function cutting(what: Matching & { chance: number; random: Random }): Rule {
  return counted((frame) =>
    matches(frame, what) && what.random.chance(what.chance) ? 'cut' : 'pass',
  )
}

/** Delivers matching frames later, and with them everything behind them. */
export function delaying(what: Matching & { delayMs: number }): Rule {
  return counted((frame) => (matches(frame, what) ? { delayMs: what.delayMs } : 'pass'))
}

/** From the first match on, nothing more arrives, and nobody is told. */
export function holding(what: Matching): Rule {
  return counted((frame) => (matches(frame, what) ? 'hold' : 'pass'))
}

/** Calls `strike` at the first matching frame, which meets `action`; later ones pass. */
export function once(what: Matching & { action: Action; strike: () => void }): Rule {
  let struck = 0
  const judge = (frame: Frame): Action => {
    if (struck > 0 || !matches(frame, what)) return 'pass'
    struck += 1
    what.strike()
    return what.action
  }
  return { judge, struck: () => struck }
}

/** Delivers other bytes in the place of each matching frame. */
export function replacing(what: Matching & { instead: Buffer }): Rule {
  return counted((frame) => (matches(frame, what) ? { instead: what.instead } : 'pass'))
}

/** The first rule that does something decides. */
export function anyOf(...rules: Rule[]): Rule {
  return {
    judge(frame) {
      for (const rule of rules) {
        const action = rule.judge(frame)
        if (action !== 'pass') return action
      }
      return 'pass'
    },
    struck: () => rules.reduce((sum, rule) => sum + rule.struck(), 0),
  }
}

export const passing: Rule = { judge: () => 'pass', struck: () => 0 }

function counted(judge: (frame: Frame) => Action): Rule {
  let count = 0
  return {
    judge(frame) {
      const action = judge(frame)
      if (action !== 'pass') count += 1
      return action
    },
    struck: () => count,
  }
}

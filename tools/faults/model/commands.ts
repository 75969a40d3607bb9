// Random sequences of what two people and a stranger may try with one debt.
import * as fc from 'fast-check'
import type { Actor, EntryKind, Opening, Verb } from './debt-model.ts'

export type Command =
  | { do: 'enter'; by: Actor; kind: EntryKind; amountMinor: bigint }
  | { do: 'answer-entry'; by: Actor; verb: Verb; seq: number }
  | { do: 'answer-debt'; by: Actor; verb: Verb }
  | { do: 'reverse'; by: Actor; seq: number }
  /** The command before, with its key: the same answer, and no second effect. */
  | { do: 'repeat' }
  /** The key of the command before with another body. */
  | { do: 'reuse' }
  /** An entry at a version that the debt does not have. */
  | { do: 'stale' }

const actor = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Actor>('owner') },
  { weight: 5, arbitrary: fc.constant<Actor>('other') },
  { weight: 1, arbitrary: fc.constant<Actor>('stranger') },
)
const verb = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Verb>('accept') },
  { weight: 2, arbitrary: fc.constant<Verb>('decline') },
  { weight: 2, arbitrary: fc.constant<Verb>('withdraw') },
)
const kind = fc.constantFrom<EntryKind>('advance', 'repayment', 'forgiveness')
/** Mostly small, so that zero and overpayment are met; sometimes at the edge of the range. */
const amountMinor = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt({ min: 1n, max: 60n }) },
  { weight: 1, arbitrary: fc.constant(10n ** 15n) },
)
const seqMax = 14

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('enter' as const), by: actor, kind, amountMinor }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('answer-entry' as const),
      by: actor,
      verb,
      seq: fc.integer({ min: 1, max: seqMax }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer-debt' as const), by: actor, verb }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reverse' as const),
      by: actor,
      seq: fc.integer({ min: 1, max: seqMax }),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'repeat' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'reuse' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'stale' }) },
)

const opening: fc.Arbitrary<Opening> = fc.record({
  role: fc.constantFrom('lender' as const, 'borrower' as const),
  oneSided: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  amountMinor: fc.bigInt({ min: 1n, max: 100n }),
})

/** A whole story: how the debt begins, whether the other one agrees first, and what follows. */
export const story = (lengthMax: number) =>
  fc.record({
    opening,
    agreed: fc.boolean(),
    commands: fc.array(command, { minLength: 1, maxLength: lengthMax, size: 'max' }),
  })

export interface Story {
  opening: Opening
  agreed: boolean
  commands: Command[]
}

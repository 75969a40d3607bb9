import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LedgerError } from '../errors.ts'
import { ana, bo, bookOf, broken, by, keep, makeModel, type Model, now } from '../testing/model.ts'
import { positionOf, togetherWith } from '../testing/model.ts'
import { append, type Change, type Draft } from '../transactions/book.ts'
import { type Consent, type RelationOf, strangers } from '../transactions/relation.ts'
import type { Role, Verdict } from './rules.ts'
import { answer } from './rules/answering.ts'
import { raisingFirst } from './rules/bundle.ts'
import { enter } from './rules/entering.ts'
import { openDebt } from './rules/opening.ts'
import { pay } from './rules/paying.ts'
import { amend, reverse } from './rules/undoing.ts'

const words = { salt: '00'.repeat(16), note: 'x', reason: undefined, suggestedMinor: undefined }
const today = '2026-11-20'
const other = (who: string) => (who === ana ? bo : ana)
let made = 0
const freshId = () => `01890000-0000-8000-8000-${String(++made).padStart(12, '0')}`

const terms = <K extends string | undefined>(
  callerId: string,
  keyIn: K,
  relationOf: RelationOf = () => strangers,
) => ({ request: by(callerId), now, bundle: freshId(), keyIn, relationOf })

const open = (who: string, role: Role, amountMinor: bigint) =>
  openDebt(
    {
      bookId: freshId(),
      role,
      counterparty: { userId: other(who), name: 'other', seat: 'asked' },
      currency: 'EUR',
      amountMinor,
      occurredOn: today,
      words,
    },
    by(who),
    now,
  )

/** `place` and `debt` pick among what is there. */
type Step = { who: string; minor: bigint; debt: number; place: number } & (
  | { do: 'open'; role: Role }
  | { do: 'enter'; kind: 'advance' | 'repayment' | 'forgiveness'; surplus: boolean }
  | { do: 'answer'; verdict: Verdict }
  | { do: 'reverse' }
  | { do: 'amend' }
  | { do: 'pay'; payer: string }
)

const common = {
  who: fc.constantFrom(ana, bo),
  minor: fc.bigInt(1n, 60n),
  debt: fc.nat(5),
  place: fc.nat(60),
}
const role = fc.constantFrom('lender' as const, 'borrower' as const)
const kind = fc.constantFrom('advance' as const, 'repayment' as const, 'forgiveness' as const)
const verdict = fc.constantFrom('accepted' as const, 'declined' as const, 'withdrawn' as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ ...common, do: fc.constant('open' as const), role }),
  {
    weight: 4,
    arbitrary: fc.record({
      ...common,
      do: fc.constant('enter' as const),
      kind,
      surplus: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ ...common, do: fc.constant('answer' as const), verdict }) },
  { weight: 2, arbitrary: fc.record({ ...common, do: fc.constant('reverse' as const) }) },
  { weight: 2, arbitrary: fc.record({ ...common, do: fc.constant('amend' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ ...common, do: fc.constant('pay' as const), payer: common.who }),
  },
)

const take = (model: Model, one: Step): Change[] => {
  const { state, bookIds, rows } = model
  if (one.do === 'open') return [open(one.who, one.role, one.minor)]
  const currency = 'EUR'
  const amountMinor = one.minor
  if (one.do === 'pay') {
    const debts = bookIds.map((id) => ({ book: bookOf(model, id), dueOn: undefined }))
    const payment = { payerId: one.payer, currency, amountMinor, occurredOn: today }
    return pay(
      debts,
      { ...payment, wordsFor: () => undefined },
      terms(one.who, undefined, state.relationOf),
    )
  }
  if (one.do === 'enter') {
    const id = bookIds[one.debt % bookIds.length] ?? ''
    const surplus = one.surplus ? { bookId: freshId(), words: undefined } : undefined
    const wish = { kind: one.kind, currency, amountMinor, occurredOn: today, words, surplus }
    return enter(state.book(id), wish, terms(one.who, id, state.relationOf))
  }
  const row = rows[one.place % rows.length]
  if (row === undefined) throw new Error('there is always a row')
  const book = state.book(row.bookId)
  const entry = state.entry(row.bookId, row.seq)
  const ours = terms(one.who, row.bookId, state.relationOf)
  if (one.do === 'answer') {
    const given = { kind: one.verdict, words: undefined }
    return answer(state.book, entry, togetherWith(model, row), given, ours)
  }
  if (one.do === 'reverse') {
    return reverse(book, entry, { occurredOn: today, words: undefined }, ours)
  }
  const change = { currency, amountMinor, occurredOn: undefined, today }
  return amend(
    book,
    entry,
    { ...change, words: { reversal: undefined, replacement: undefined } },
    ours,
  )
}

/** True when the step was taken, false when it was refused. */
const tries = (model: Model, one: Step): boolean => {
  try {
    keep(model, take(model, one))
    return true
  } catch (error) {
    if (error instanceof LedgerError && error.code !== 'internal') return false
    throw error
  }
}

const payer = (moved: bigint) => {
  if (moved === 0n) return undefined
  return moved > 0n ? bo : ana
}

test('whatever two people do, the invariants hold and nobody is made to owe', () => {
  const taken = new Set<string>()
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const model = makeModel()
      keep(model, [open(bo, 'borrower', 40n)])
      for (const one of steps) {
        const before = positionOf(model, ana)
        if (!tries(model, one)) continue
        taken.add(one.do)
        expect(broken(model)).toEqual([])
        // Only whom it costs something brings a change of what lies between the two about.
        expect(payer(positionOf(model, ana) - before) ?? one.who).toBe(one.who)
      }
    }),
    { numRuns: 300 },
  )
  expect([...taken].toSorted()).toEqual(['amend', 'answer', 'enter', 'open', 'pay', 'reverse'])
})

/** The most that one command of Bo ever cost Ana, and of Ana Bo, while Ana gave this consent to Bo. */
const costsWith = (consent: Consent, blocked: boolean) => {
  const worst = { ana: 0n, bo: 0n }
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) => {
      const model = makeModel([{ userId: ana, towardsId: bo, consent, blocked }])
      keep(model, [open(bo, 'borrower', 40n)])
      for (const one of steps) {
        const before = positionOf(model, ana)
        if (!tries(model, one)) continue
        expect(broken(model)).toEqual([])
        const moved = positionOf(model, ana) - before
        if (one.who === bo && -moved > worst.ana) worst.ana = -moved
        if (one.who === ana && moved > worst.bo) worst.bo = moved
      }
    }),
    { numRuns: 150 },
  )
  return worst
}

test('standing consent costs nobody more at a time than they agreed to, taken together', () => {
  const upTo20 = { mode: 'upTo' as const, amountMinor: 20n, currency: 'EUR' }
  const agreed = costsWith(upTo20, false)
  expect(agreed.ana).toBeGreaterThan(0n)
  expect(agreed.ana).toBeLessThanOrEqual(20n)
  expect(agreed.bo).toBe(0n)
  expect(costsWith({ ...upTo20, currency: 'USD' }, false).ana).toBe(0n)
  expect(costsWith({ mode: 'always' }, true).ana).toBe(0n)
  // The bound is that of the consent, and not one that holds anyway.
  expect(costsWith({ mode: 'always' }, false).ana).toBeGreaterThan(20n)
})

const lastRow = ({ rows }: Model) => {
  const row = rows.at(-1)
  if (row === undefined) throw new Error('no row yet')
  return row
}

describe('the invariants catch', () => {
  const start = () => {
    const model = makeModel()
    keep(model, [open(bo, 'borrower', 40n)])
    return { model, id: model.bookIds[0] ?? '' }
  }
  const amending = (model: Model, who: string, amountMinor: bigint) => {
    const id = model.bookIds[0] ?? ''
    const wish = { currency: 'EUR', amountMinor, occurredOn: undefined, today }
    const unsaid = { reversal: undefined, replacement: undefined }
    const { state } = model
    return amend(state.book(id), state.entry(id, 1), { ...wish, words: unsaid }, terms(who, id))
  }

  test('a balance that was changed behind the journal', () => {
    const { model, id } = start()
    const book = bookOf(model, id)
    const accounts = book.accounts.map((one) => (one.no === 1 ? { ...one, postedMinor: 41n } : one))
    model.state.apply({ before: book, after: { ...book, accounts }, appended: [] })
    expect(broken(model)).toEqual(['balanceIsSumOfPostings', 'bookSumsToZero'])
  })

  test('rows of a command that lower the balance before they raise it', () => {
    const row = (raises: boolean, amountMinor: bigint): Draft => ({
      kind: raises ? 'advance' : 'repayment',
      status: 'posted',
      enteredBy: ana,
      occurredOn: today,
      amountMinor,
      postings: [{ debit: raises ? 1 : 2, credit: raises ? 2 : 1, amountMinor }],
    })
    const inOrder = (drafts: Draft[]) => {
      const { model, id } = start()
      const before = bookOf(model, id)
      const appended = append(before, drafts, now)
      keep(model, [{ before, after: appended.at(-1)?.book ?? before, appended }])
      return broken(model)
    }
    const rows = [row(false, 45n), row(true, 10n)]
    expect(inOrder(rows)).toEqual(['noRowShowsATurnedSign'])
    expect(inOrder(raisingFirst(rows))).toEqual([])
  })

  test('one entry of a bundle that was answered without the other', () => {
    const { model, id } = start()
    keep(model, amending(model, bo, 30n))
    const pending = togetherWith(model, lastRow(model))
    expect(pending).toHaveLength(2)
    const [first] = pending
    const given = { kind: 'accepted' as const, words: undefined }
    const half = pending.slice(0, 1)
    keep(model, answer(model.state.book, first?.entry, half, given, terms(ana, id)))
    expect(broken(model)).toEqual(['bundlesAreWhole'])
  })

  test('a repayment that posts on the word of who paid', () => {
    const { model, id } = start()
    const before = bookOf(model, id)
    const wish = { kind: 'repayment' as const, currency: 'EUR', amountMinor: 5n, occurredOn: today }
    const [change] = enter(before, { ...wish, words, surplus: undefined }, terms(bo, id))
    expect(change?.appended[0]?.row.status).toBe('pending')
    const paid = positionOf(model, ana)
    const postings = [{ debit: 2, credit: 1, amountMinor: 5n }]
    const forged = { ...wish, enteredBy: bo, status: 'posted' as const, postings }
    const appended = append(before, [forged], now)
    keep(model, [{ before, after: appended.at(-1)?.book ?? before, appended }])
    expect(broken(model)).toEqual([])
    expect(payer(positionOf(model, ana) - paid)).not.toBe(bo)
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LedgerError } from '../errors.ts'
import { type Book, balanceOf } from '../transactions/book.ts'
import type { Entry } from '../transactions/entry.ts'
import type { Change } from '../transactions/book.ts'
import { answer, enter, openDebt, type Request, type Verdict } from './rules.ts'

const lender = '01890000-0000-7000-8000-00000000000a'
const borrower = '01890000-0000-7000-8000-00000000000b'
const bookId = '01890000-0000-8000-8000-000000000001'
const now = '2026-11-20T12:00:00.000Z'
const words = { salt: Buffer.alloc(16), note: 'x', reason: undefined, suggestedMinor: undefined }

const by = (callerId: string): Request => ({
  callerId,
  key: 'k',
  hash: Buffer.alloc(32),
  ifVersion: undefined,
})

const open = (role: 'lender' | 'borrower', amountMinor = 1_000n) =>
  openDebt(
    {
      bookId,
      role,
      counterparty: {
        userId: role === 'lender' ? borrower : lender,
        name: 'other',
        seat: 'asked',
      },
      currency: 'EUR',
      amountMinor,
      occurredOn: '2026-11-20',
      words,
    },
    by(role === 'lender' ? lender : borrower),
    now,
  )

/** A debt with its entries, as the database would hold it. */
interface Kept {
  book: Book
  entries: Map<number, Entry>
}

const keep = (kept: Kept | undefined, { after, appended }: Change): Kept => {
  const entries = new Map(kept?.entries)
  for (const { row } of appended) {
    entries.set(row.seq, {
      row,
      note: undefined,
      reason: undefined,
      suggestedMinor: undefined,
      answer: undefined,
      undoneBy: undefined,
    })
    const answered = entries.get(row.resolves ?? 0)
    if (answered !== undefined) {
      entries.set(answered.row.seq, { ...answered, answer: { seq: row.seq, kind: row.kind } })
    }
  }
  return { book: after, entries }
}

type Step =
  | { do: 'enter'; who: string; kind: 'advance' | 'repayment' | 'forgiveness'; minor: bigint }
  | { do: 'answer'; who: string; verdict: Verdict; seq: number }

const who = fc.constantFrom(lender, borrower)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('enter' as const),
    who,
    kind: fc.constantFrom('advance' as const, 'repayment' as const, 'forgiveness' as const),
    minor: fc.bigInt(1n, 2_000n),
  }),
  fc.record({
    do: fc.constant('answer' as const),
    who,
    verdict: fc.constantFrom('accepted' as const, 'declined' as const, 'withdrawn' as const),
    seq: fc.integer({ min: 1, max: 12 }),
  }),
)

const take = (kept: Kept, one: Step): Change => {
  if (one.do === 'answer') {
    const verdict = { kind: one.verdict, words: undefined }
    return answer(kept.book, kept.entries.get(one.seq), verdict, by(one.who), now)
  }
  const wish = { kind: one.kind, currency: 'EUR', amountMinor: one.minor, occurredOn: '2026-11-20' }
  return enter(kept.book, { ...wish, words: undefined }, by(one.who), now)
}

/** What holds after every step, whatever the steps were. */
const invariants = ({ book, entries }: Kept) => {
  const rows = [...entries.values()].map(({ row }) => row)
  const sum = rows.reduce(
    (total, { postings }) =>
      postings.reduce((t, p) => t + (p.debit === 1 ? p.amountMinor : -p.amountMinor), total),
    0n,
  )
  const waiting = [...entries.values()].filter(
    ({ row, answer: given }) => row.status === 'pending' && given === undefined,
  )
  const pendingMinor = waiting.reduce((total, { row }) => total + row.amountMinor, 0n)
  const [one, two] = book.accounts
  return {
    balanceIsSumOfPostings: balanceOf(book) === sum,
    bookSumsToZero: (one?.postedMinor ?? 0n) + (two?.postedMinor ?? 0n) === 0n,
    signNeverTurns: balanceOf(book) >= 0n,
    pendingIsWhatWaits:
      (one?.pendingInMinor ?? 0n) + (one?.pendingOutMinor ?? 0n) === pendingMinor &&
      book.pendingCount === waiting.length,
    seqIsDense: rows.length === book.lastSeq,
    chained: rows.every((row, i) => i === 0 || row.prevHash === rows[i - 1]?.hash),
    settledAtZero: book.status !== 'settled' || balanceOf(book) === 0n,
  }
}

const worseOff = (moved: bigint) => {
  if (moved === 0n) return undefined
  return moved > 0n ? borrower : lender
}

const all = (held: Record<string, boolean>) => Object.entries(held).filter(([, holds]) => !holds)

test('whatever two people do, the invariants hold and nobody is made to owe', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('lender' as const, 'borrower' as const),
      fc.array(step),
      (role, steps) => {
        let kept = keep(undefined, open(role))
        for (const one of steps) {
          const before = balanceOf(kept.book)
          try {
            kept = keep(kept, take(kept, one))
          } catch (error) {
            if (error instanceof LedgerError) continue
            throw error
          }
          expect(all(invariants(kept))).toEqual([])
          // Only who is worse off by it can bring a change of the balance about.
          const moved = balanceOf(kept.book) - before
          expect(worseOff(moved) ?? one.who).toBe(one.who)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('the invariants catch a balance that was changed behind the journal', () => {
  const kept = keep(undefined, open('borrower'))
  const [one, two] = kept.book.accounts
  if (one === undefined || two === undefined) throw new Error('a debt has two accounts')
  const forged = { ...kept.book, accounts: [{ ...one, postedMinor: one.postedMinor + 1n }, two] }
  expect(all(invariants({ ...kept, book: forged })).map(([name]) => name)).toEqual([
    'balanceIsSumOfPostings',
    'bookSumsToZero',
  ])
})

test('an amount beyond 10^15 is refused when it would post', () => {
  const { after } = open('borrower', 10n ** 15n)
  const wish = {
    kind: 'advance' as const,
    currency: 'EUR',
    amountMinor: 1n,
    occurredOn: '2026-01-01',
  }
  expect(() => enter(after, { ...wish, words: undefined }, by(borrower), now)).toThrowError(
    'balance_too_large',
  )
})

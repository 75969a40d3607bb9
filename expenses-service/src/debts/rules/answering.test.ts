import { expect, test } from 'vitest'
import { LedgerError } from '../../errors.ts'
import { ana, bo, bookOf, by, keep, makeModel, now, togetherWith } from '../../testing/model.ts'
import { strangers } from '../../transactions/relation.ts'
import type { EntryKind } from '../rules.ts'
import { answer, refuseSeat } from './answering.ts'
import { enter } from './entering.ts'
import { openDebt } from './opening.ts'

const id = '01890000-0000-8000-8000-000000000001'
const today = '2026-11-20'
const words = { salt: '00'.repeat(16), note: 'x', reason: undefined, suggestedMinor: undefined }
const money = { currency: 'EUR', amountMinor: 1n, occurredOn: today }
const terms = (callerId: string) => ({
  request: by(callerId),
  now,
  bundle: '01890000-0000-8000-8000-000000000002',
  keyIn: id,
  relationOf: () => strangers,
})

/** A debt that Bo wrote down and that Ana has not answered. */
const written = () => {
  const model = makeModel()
  const asked = { userId: ana, name: 'Ana', seat: 'asked' as const }
  const opening = { ...money, bookId: id, role: 'borrower' as const, counterparty: asked, words }
  keep(model, [openDebt({ ...opening, amountMinor: 1_000n }, by(bo), now)])
  const write = (kind: EntryKind, author = bo) => {
    const wish = { ...money, kind, words: undefined, surplus: undefined }
    keep(model, enter(model.state.book(id), wish, terms(author)))
    return model.rows.at(-1)?.seq ?? 0
  }
  /** Bo writes until it is refused. */
  const writeAll = (kind: EntryKind, each: (seq: number) => void) => {
    for (let count = 0; count < 300; count += 1) {
      try {
        each(write(kind))
      } catch (error) {
        if (error instanceof LedgerError) return error.code
        throw error
      }
    }
    return 'never refused'
  }
  const withdraw = (seq: number) => {
    const row = model.rows[seq - 1]
    if (row === undefined) throw new Error('no such row')
    const no = { kind: 'withdrawn' as const, words: undefined }
    const asked = model.state.entry(id, seq)
    keep(model, answer(model.state.book, asked, togetherWith(model, row), no, terms(bo)))
  }
  /** Ana declines the debt, with the rows that one command loads. */
  const decline = () => {
    const seqs = Array.from({ length: 100 }, (_, index) => index + 1)
    const entries = seqs.flatMap((seq) => model.state.entry(id, seq) ?? [])
    keep(model, [refuseSeat(bookOf(model, id), entries, undefined, terms(ana))])
    return bookOf(model, id)
  }
  return { model, write, writeAll, withdraw, decline }
}

const declined = { status: 'declined', pendingCount: 0 }

test('however much the borrower writes, the lender can still decline it all', () => {
  const posting = written()
  expect(posting.writeAll('advance', () => undefined)).toBe('too_many_pending')
  expect(posting.decline()).toMatchObject(declined)

  const waiting = written()
  const asked: number[] = []
  expect(waiting.writeAll('repayment', (seq) => asked.push(seq))).toBe('too_many_pending')
  for (const seq of asked) waiting.withdraw(seq)
  expect(waiting.decline()).toMatchObject(declined)

  const both = written()
  expect(both.writeAll('repayment', both.withdraw)).toBe('too_many_pending')
  expect(both.decline()).toMatchObject(declined)
})

test('once the lender takes the seat there is room again', () => {
  const { writeAll, write } = written()
  expect(writeAll('advance', () => undefined)).toBe('too_many_pending')
  write('forgiveness', ana)
  expect(write('advance')).toBe(102)
})

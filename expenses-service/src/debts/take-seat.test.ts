import { expect, test } from 'vitest'
import { balanceOf, type Book } from '../transactions/book.ts'
import type { Entry } from '../transactions/entry.ts'
import type { Request } from './rules.ts'
import { openDebt, type Opening } from './rules/opening.ts'
import { assertMayInvite, freeSeat, takeSeat } from './take-seat.ts'

const now = '2026-11-20T12:00:00.000Z'
const requestOf = (callerId: string): Request => ({
  callerId,
  key: 'k',
  hash: '00'.repeat(32),
  ifVersion: undefined,
})

const opened = (role: Opening['role'], seat: 'asked' | 'absent', askedId?: string) => {
  const words = { salt: '00'.repeat(16), note: 'x', reason: undefined, suggestedMinor: undefined }
  const opening: Opening = {
    bookId: '00000000-0000-8000-8000-000000000001',
    role,
    counterparty: { userId: askedId, name: 'Lee', seat },
    currency: 'EUR',
    amountMinor: 4_000n,
    occurredOn: '2026-11-20',
    words,
  }
  const { after, appended } = openDebt(opening, requestOf('ana'), now)
  const [first] = appended
  if (first === undefined) throw new Error('a debt without an opening')
  const entry: Entry = {
    row: first.row,
    note: 'x',
    reason: undefined,
    suggestedMinor: undefined,
    answer: undefined,
    undoneBy: undefined,
  }
  return { book: after, entry }
}
const placeOf = (book: Book) => ({ seq: book.lastSeq, hash: book.lastHash })
const take = (debt: ReturnType<typeof opened>, callerId: string, place = placeOf(debt.book)) =>
  takeSeat(debt.book, debt.entry, place, requestOf(callerId), now)

test('whoever takes the seat of a one-sided debt joins it, and no money moves', () => {
  const debt = opened('lender', 'absent')
  const { before, after, appended } = take(debt, 'bo')
  expect(before).toBe(debt.book)
  expect(appended.map(({ row }) => [row.kind, row.postings.length])).toEqual([['joined', 0]])
  expect(after.participants).toMatchObject([
    { userId: 'ana', seat: 'joined' },
    { userId: 'bo', seat: 'joined', name: 'Lee' },
  ])
  expect(balanceOf(after)).toBe(balanceOf(debt.book))
})

test('whoever takes the seat of a proposed debt accepts it, asked or not', () => {
  for (const askedId of [undefined, 'bo', 'dan']) {
    const { after, appended } = take(opened('lender', 'asked', askedId), 'bo')
    expect(appended.map(({ row }) => [row.kind, row.resolves])).toEqual([['accepted', 1]])
    expect(after).toMatchObject({ status: 'open', pendingCount: 0 })
    expect(after.participants.map(({ userId }) => userId)).toEqual(['ana', 'bo'])
    expect(balanceOf(after)).toBe(4_000n)
  }
})

test('the seat of the lender is taken the same way', () => {
  const { after, appended } = take(opened('borrower', 'asked'), 'bo')
  expect(appended.map(({ row }) => row.kind)).toEqual(['joined'])
  expect(after.participants).toMatchObject([{ role: 'lender', userId: 'bo', seat: 'joined' }, {}])
})

test('a seat is taken at the place that was read: another seq or hash is refused', () => {
  const debt = opened('lender', 'absent')
  const place = placeOf(debt.book)
  for (const other of [
    { ...place, seq: 2 },
    { ...place, hash: '0'.repeat(64) },
  ]) {
    expect(() => take(debt, 'bo', other)).toThrow('version_conflict')
  }
  expect(() => take(debt, 'bo', place)).not.toThrow()
})

test('nobody sits on both sides, and a seat is taken once', () => {
  const debt = opened('lender', 'absent')
  expect(() => take(debt, 'ana')).toThrow('debt_with_yourself')
  const taken = { ...debt, book: take(debt, 'bo').after }
  expect(() => take(taken, 'eve')).toThrow('seat_taken')
  expect(freeSeat(taken.book)).toBeUndefined()
  expect(() => assertMayInvite(taken.book, 'ana')).toThrow('seat_taken')
})

test('a debt that is over has no seat to offer', () => {
  for (const status of ['declined', 'withdrawn']) {
    const debt = opened('lender', 'asked')
    const over = { ...debt, book: { ...debt.book, status } }
    expect(() => take(over, 'bo')).toThrow('seat_taken')
    expect(() => assertMayInvite(over.book, 'ana')).toThrow('seat_taken')
  }
})

test('who invites sits in the debt', () => {
  const { book } = opened('lender', 'asked', 'bo')
  expect(() => assertMayInvite(book, 'ana')).not.toThrow()
  expect(() => assertMayInvite(book, 'bo')).toThrow('accept_first')
  expect(() => assertMayInvite(book, 'eve')).toThrow('not_found')
})

import type { StoredNotification } from '@quits/proto/feed'
import { expect, test } from 'vitest'
import { groupOf, idsPerGroupMax, linesOf } from './groups.ts'

const debt = '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0010'
const item = (seq: number, other: Partial<StoredNotification> = {}): StoredNotification => ({
  seq,
  id: `${debt}:${seq}`,
  kind: 'transaction.posted',
  weight: 'alert',
  at: '2026-11-01T10:00:00.000Z',
  actor: 'ana',
  subject: { type: 'debt', id: debt },
  data: { balance: { minor: '1', currency: 'EUR' }, role: 'borrower', kind: 'repayment' },
  status: 'unseen',
  ...other,
})
const seqs = (lines: StoredNotification[][]) => lines.map((line) => line.map(({ seq }) => seq))

test('one subject, act and actor is one line, whatever came between', () => {
  const { lines, taken } = linesOf(
    [
      item(6),
      item(5),
      item(4, { actor: 'bo' }),
      item(3),
      item(2, { kind: 'transaction.proposed' }),
      item(1, { subject: { type: 'debt', id: 'another' } }),
    ],
    10,
  )
  expect(seqs(lines)).toEqual([[6, 5, 3], [4], [2], [1]])
  expect(taken).toBe(6)
})

test('a page ends before the first one that needs a line too many', () => {
  const items = [item(5), item(4, { actor: 'bo' }), item(3), item(2, { actor: 'cleo' }), item(1)]
  const { lines, taken } = linesOf(items, 2)
  expect(seqs(lines)).toEqual([[5, 3], [4]])
  expect(taken).toBe(3)
  expect(seqs(linesOf(items.slice(taken), 2).lines)).toEqual([[2], [1]])
})

test('a line names all its notifications and is as unread as the least read of them', () => {
  const run = [item(3, { status: 'read' }), item(2), item(1, { status: 'seen' })]
  expect(groupOf(run)).toEqual({
    count: 3,
    ids: [`${debt}:3`, `${debt}:2`, `${debt}:1`],
    newest: run[0],
    status: 'unseen',
  })
})

test('a line never has more than one mark can name', () => {
  const many = Array.from({ length: 200 }, (_, index) => item(200 - index))
  const { lines } = linesOf(many, 10)
  expect(lines.map((line) => line.length)).toEqual([idsPerGroupMax, idsPerGroupMax, 40])
  expect(lines.flat()).toEqual(many)
})

const bundle = '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f00bb'
const role = 'borrower' as const
const entered = (seq: number, kind: string, debtId: string, of: string | undefined) => {
  const balance = { minor: '1', currency: 'EUR' }
  const data = { balance, role, kind, ...(of === undefined ? {} : { bundle: of }) }
  return item(seq, { data, subject: { type: 'debt', id: debtId } })
}

test('an entry that was put right is one line, and so is a payment over several debts', () => {
  const amended = [entered(5, 'reversal', debt, bundle), entered(4, 'advance', debt, bundle)]
  const paid = [
    entered(3, 'repayment', debt, 'payment'),
    entered(2, 'repayment', 'another', 'payment'),
    entered(1, 'repayment', 'third', 'payment'),
  ]
  const { lines } = linesOf([...amended, ...paid], 10)
  expect(seqs(lines)).toEqual([
    [5, 4],
    [3, 2, 1],
  ])
  expect(lines.map((line) => groupOf(line).together)).toEqual(['correction', 'payment'])
})

test('payments that were agreed to beforehand have acts of their own and still share a line', () => {
  const consented = [1, 2, 3].map((seq) => entered(4 - seq, 'repayment', debt, `act ${seq}`))
  const answers = consented.map(({ seq, data }) =>
    item(seq + 10, { kind: 'transaction.resolved', data, weight: 'silent' }),
  )
  const { lines } = linesOf([...answers, ...consented], 10)
  expect(seqs(lines)).toEqual([
    [13, 12, 11],
    [3, 2, 1],
  ])
  expect(lines.map((line) => groupOf(line).together)).toEqual([undefined, undefined])
})

test('a no to a debt is told as such, and so is a debt that a surplus opened', () => {
  const refused = [
    entered(6, 'reversal', debt, 'no'),
    entered(5, 'reversal', debt, 'no'),
    item(4, { ...entered(4, 'declined', debt, 'no'), kind: 'debt.declined' }),
  ]
  const surplus = [
    item(3, { ...entered(3, 'advance', 'another', 'surplus'), kind: 'debt.proposed' }),
    entered(2, 'repayment', debt, 'surplus'),
  ]
  const { lines } = linesOf([...refused, ...surplus], 10)
  expect(seqs(lines)).toEqual([[6, 5], [4], [3], [2]])
  expect(lines.map((line) => groupOf(line).together)).toEqual(Array(4).fill(undefined))
})

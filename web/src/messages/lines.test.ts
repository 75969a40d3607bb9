import { expect, it } from 'vitest'
import type { Entry } from '../api/shapes.ts'
import {
  balanceOfLine,
  foldTogether,
  isCorrectable,
  isMineToTakeBack,
  lineOf,
  linesOf,
  questionsIn,
  refusalOf,
  sayCorrection,
  sayLineQuestion,
  sayWholeQuestion,
  zeroSince,
} from './lines.ts'
import { debtWith, eur } from '../testing/debt.ts'

const debt = debtWith({
  role: 'borrower',
  counterparty: { name: 'Ana', userId: 'u-ana' },
  balance: eur('40000'),
})

const wrong: Entry = {
  debtId: 'd1',
  seq: 1,
  kind: 'advance',
  status: 'reversed',
  amount: eur('40000'),
  balance: eur('40000'),
  enteredBy: 'u-ana',
  occurredOn: '2026-05-03',
  at: '2026-05-03T10:00:00Z',
}
const bundle = 'b1'
const undoing: Entry = { ...wrong, seq: 2, kind: 'reversal', status: 'posted', reverses: 1, bundle }
const right: Entry = { ...wrong, seq: 3, status: 'posted', amount: eur('4000'), bundle }

it('shows a correction as one line, in the words of who reads it', () => {
  const [line, first, ...rest] = linesOf([right, undoing, wrong])
  expect(rest).toEqual([])
  expect(first).toEqual({ entry: wrong, opens: true })
  expect(line).toEqual({ entry: right, undoing, opens: true })
  expect(sayCorrection({ entry: right, undoing }, debt, 'u-bo')).toBe(
    '€400.00 → €40.00, corrected by Ana',
  )
  expect(sayCorrection({ entry: right, undoing }, debt, 'u-ana')).toBe(
    '€400.00 → €40.00, corrected by you',
  )
})

it('shows a correction of only the day or the note without an arrow', () => {
  const same = { ...right, amount: undoing.amount }
  expect(sayCorrection({ entry: same, undoing }, debt, 'u-bo')).toBe('Corrected by Ana')
  expect(sayCorrection({ entry: same, undoing }, debt, 'u-ana')).toBe('Corrected by you')
  const line = { entry: { ...same, status: 'pending' as const }, undoing, opens: false }
  expect(sayLineQuestion(line, debt)).toBe('Ana wants to correct an entry of €400.00.')
})

it('knows the day on which a debt came to zero', () => {
  const paid: Entry = { ...right, kind: 'repayment', seq: 5, occurredOn: '2026-05-09' }
  const waited: Entry = { ...paid, balance: eur('4000'), occurredOn: '2026-05-08' }
  const yes: Entry = { ...paid, seq: 6, kind: 'accepted', resolves: 5, balance: eur('0') }
  expect(zeroSince([yes, waited, wrong])).toBe('2026-05-08')
  const after: Entry = { ...yes, seq: 7, kind: 'declined', resolves: 4 }
  expect(zeroSince([after, { ...paid, balance: eur('0') }, wrong])).toBe('2026-05-09')
  expect(zeroSince([wrong])).toBeUndefined()
  expect(zeroSince([yes])).toBeUndefined()
  expect(zeroSince([])).toBeUndefined()
})

it('finds the no to an entry', () => {
  const no: Entry = { ...right, seq: 4, kind: 'declined', resolves: 1 }
  expect(refusalOf([no, wrong], 1)).toBe(no)
  expect(refusalOf([{ ...no, kind: 'accepted' }, wrong], 1)).toBeUndefined()
})

it('takes the balance of a correction from the later of its rows, whichever that is', () => {
  const rows = [right, { ...undoing, seq: 4, balance: eur('0') }]
  expect(balanceOfLine({ entry: right, undoing }, rows)).toEqual(right.balance)
  const later = { ...undoing, seq: 4, balance: eur('4000') }
  expect(balanceOfLine({ entry: right, undoing: later }, rows)).toEqual(eur('4000'))
  const answers = [5, 6].map(
    (seq): Entry => ({
      ...right,
      seq,
      kind: 'accepted',
      resolves: seq - 3,
      balance: eur(`${seq}00`),
    }),
  )
  expect(balanceOfLine({ entry: right, undoing }, answers)).toEqual(eur('600'))
})

it('asks once about a correction and shows one answer to it', () => {
  const waiting = [right, undoing].map((entry): Entry => ({ ...entry, status: 'pending' }))
  const [question, ...others] = questionsIn(debt, [...waiting, wrong], 'u-bo')
  expect(others).toEqual([])
  if (question?.line === undefined) throw new Error('no question')
  expect(sayLineQuestion(question.line, debt)).toBe('Ana wants to correct €400.00 to €40.00.')
  const answers = [3, 2].map(
    (resolves): Entry => ({ ...right, seq: 8 - resolves, kind: 'accepted', resolves }),
  )
  expect(linesOf([...answers, ...waiting, wrong]).map(({ entry }) => entry.seq)).toEqual([5, 3, 1])
})

it('leaves rows alone that only happen to share a bundle', () => {
  const payment = { ...right, kind: 'repayment', seq: 4, bundle: 'b2' }
  expect(linesOf([payment, right, wrong])).toHaveLength(3)
  // Two rows of one payment: no line of them is a correction.
  const twice = linesOf([{ ...payment, seq: 5 }, payment])
  expect(twice.map((line) => line.undoing)).toEqual([undefined, undefined])
})

it('offers to correct what counts, and to take back what waits and is mine', () => {
  expect(isCorrectable(right, debt)).toBe(true)
  expect(isCorrectable(wrong, debt)).toBe(false)
  expect(isCorrectable(undoing, debt)).toBe(false)
  expect(isCorrectable(right, { ...debt, status: 'withdrawn' })).toBe(false)
  const waiting: Entry = { ...right, status: 'pending' }
  expect(isMineToTakeBack(waiting, debt, 'u-ana')).toBe(true)
  expect(isMineToTakeBack(waiting, debt, 'u-bo')).toBe(false)
  expect(isMineToTakeBack(right, debt, 'u-ana')).toBe(false)
})

const paid: Entry = { ...right, kind: 'repayment', status: 'pending', bundle: 'b9' }
const together = { debts: 20, entries: 20, amount: eur('20000') }

it('asks once about a payment, with what a yes means and not with what the page has read', () => {
  const asks = ['d1', 'd2'].flatMap((id) =>
    questionsIn({ ...debt, id }, [{ ...paid, debtId: id, amount: eur('1000'), together }], 'u-bo'),
  )
  expect(asks).toHaveLength(2)
  const [one, ...others] = foldTogether(asks)
  expect(others).toEqual([])
  if (one?.whole === undefined) throw new Error('no payment')
  expect(sayWholeQuestion({ debt: one.debt, whole: one.whole })).toBe(
    'Ana noted that they paid you €200.00, over 20 debts between you.',
  )
  // Broken twin: what the two rows come to would be another question.
  expect(one.whole.amount).not.toEqual(eur('2000'))
})

it('asks about each row that was made alone, and about a debt that waits as a whole', () => {
  const { bundle: _, ...alone } = paid
  const asks = questionsIn(debt, [alone, { ...alone, seq: 5 }], 'u-bo')
  expect(foldTogether(asks).map(({ line }) => line?.entry.seq)).toEqual([3, 5])
  const proposed = { ...debt, status: 'proposed' as const }
  expect(questionsIn(proposed, [{ ...wrong, status: 'pending' }], 'u-bo')).toEqual([
    { debt: proposed },
  ])
  // Nothing is asked before it is known what a yes means.
  expect(questionsIn(proposed, [], 'u-bo')).toEqual([])
  // A debt that a surplus opened is answered with the entry it comes from.
  const opening: Entry = { ...wrong, status: 'pending', bundle: 'b9', together }
  const both = [
    ...questionsIn({ ...debt, id: 'd2' }, [{ ...paid, together }], 'u-bo'),
    ...questionsIn(proposed, [opening], 'u-bo'),
  ]
  expect(both.map(({ whole }) => whole)).toEqual([together, together])
  expect(foldTogether(both)).toHaveLength(1)
})

it('finds the line of a row, of one that it folds away, and of an answer without a line', () => {
  const answers = [
    { ...right, seq: 5, kind: 'accepted' as const, resolves: 3 },
    { ...right, seq: 4, kind: 'accepted' as const, resolves: 2 },
  ]
  const entries: Entry[] = [...answers, right, undoing, wrong]
  const lines = linesOf(entries)
  const seqOfLine = (seq: number) => lineOf(lines, entries, seq)?.entry.seq
  expect([1, 2, 3, 4, 5].map(seqOfLine)).toEqual([1, 3, 3, 3, 5])
  expect([0, 6].map(seqOfLine)).toEqual([undefined, undefined])
})

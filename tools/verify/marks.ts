// Which rows of a book were answered or undone, and which way they go: one byte per row.
import type { JournalRow } from './journal-form.ts'

const present = 1
const answered = 2
const undone = 4
const undoing = 8
const lowering = 16
const lowers = new Set(['repayment', 'forgiveness'])
const rowsAtFirst = 1_024

export type Marks = ReturnType<typeof makeMarks>

/** `add` answers the faults of what a row says about earlier ones. */
export const makeMarks = () => {
  let bytes = new Uint8Array(rowsAtFirst)

  const mark = (seq: number, flag: number) => {
    if (seq >= bytes.length) {
      const grown = new Uint8Array(Math.max(seq + 1, bytes.length * 2))
      grown.set(bytes)
      bytes = grown
    }
    bytes[seq] = (bytes[seq] ?? 0) | flag
  }
  const has = (seq: number, flag: number) => ((bytes[seq] ?? 0) & flag) !== 0

  const answering = (seq: number): string[] => {
    if (!has(seq, present)) return [`answers row ${seq}, which is not before it`]
    const twice = has(seq, answered)
    mark(seq, answered)
    return twice ? [`answers row ${seq} once more`] : []
  }

  const reversing = (seq: number, posted: boolean): string[] => {
    if (!has(seq, present)) return [`undoes row ${seq}, which is not before it`]
    if (has(seq, undoing)) return [`undoes row ${seq}, which undoes another`]
    const twice = posted && has(seq, undone)
    if (posted) mark(seq, undone)
    return twice ? [`undoes row ${seq} once more`] : []
  }

  return {
    add({ seq, kind, status, resolves, reverses }: JournalRow): string[] {
      const faults = [
        ...(resolves === null ? [] : answering(resolves)),
        ...(reverses === null ? [] : reversing(reverses, status === 'posted')),
      ]
      mark(seq, kind === 'reversal' ? present | undoing : present)
      const answersLowering = resolves !== null && has(resolves, lowering)
      if (lowers.has(kind) || answersLowering) mark(seq, lowering)
      return faults
    },
    /** Would undoing this row raise the balance of a debt? */
    lowered: (seq: number) => has(seq, lowering),
  }
}

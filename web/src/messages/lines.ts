/**
 * The lines that a history shows. A correction is written as two rows of one bundle, the old entry
 * undone and the right one in its place, and answered by two more; people see one line of each. Pure.
 */
import type { Debt, Entry } from '../api/shapes.ts'
import { formatMoney, isZero } from '../money.ts'
import { asksReader } from '../standing.ts'
import { asksMe, balanceAfter, isResolution, sayQuestion, sayWho } from './entries.ts'
import { fill, t } from './say.ts'

export interface Line<E extends Entry = Entry> {
  /** Of a correction, the entry that is right. */
  entry: E
  /** Of a correction, the row that undoes the wrong entry; its amount is what the entry said. */
  undoing?: E
  /** The debt began with it, or with what it stands in place of. */
  opens: boolean
}

/** By the seq of the replacement, the row of its bundle that undoes what it replaces. */
const correctionsIn = <E extends Entry>(entries: readonly E[]): ReadonlyMap<number, E> => {
  const bundles = Map.groupBy(
    entries.filter((entry) => entry.bundle !== undefined && !isResolution(entry)),
    ({ bundle }) => bundle,
  )
  const found = new Map<number, E>()
  for (const rows of bundles.values()) {
    const undoing = rows.find(({ kind }) => kind === 'reversal')
    const right = rows.find(({ kind }) => kind !== 'reversal')
    if (rows.length === 2 && undoing !== undefined && right !== undefined) {
      found.set(right.seq, undoing)
    }
  }
  return found
}

/** Rows, newest first, as lines. */
export const linesOf = <E extends Entry>(entries: readonly E[]): Line<E>[] => {
  const corrections = correctionsIn(entries)
  const openings = new Set([1])
  const oldestFirst = [...corrections].toSorted(([one], [other]) => one - other)
  for (const [seq, { reverses }] of oldestFirst) {
    if (reverses !== undefined && openings.has(reverses)) openings.add(seq)
  }
  const folded = new Set([...corrections.values()].map(({ seq }) => seq))
  return entries
    .filter(({ seq, resolves }) => !folded.has(seq) && !folded.has(resolves ?? 0))
    .map((entry) => {
      const undoing = corrections.get(entry.seq)
      const opens = openings.has(entry.seq)
      return undoing === undefined ? { entry, opens } : { entry, opens, undoing }
    })
}

/** The line that shows row `seq`; an answer that has none of its own is shown with what it answers. */
export const lineOf = <E extends Entry>(
  lines: readonly Line<E>[],
  entries: readonly E[],
  seq: number,
): Line<E> | undefined => {
  const answered = entries.find((entry) => entry.seq === seq)?.resolves ?? seq
  const shows = (wanted: number) =>
    lines.find(({ entry, undoing }) => entry.seq === wanted || undoing?.seq === wanted)
  return shows(seq) ?? shows(answered)
}

/** The balance once the line counted: of a correction, after the later of its two rows. */
export const balanceOfLine = (
  { entry, undoing }: Omit<Line, 'opens'>,
  history: readonly Entry[],
) => {
  if (undoing === undefined) return balanceAfter(entry, history)
  const answers = history.filter(
    ({ kind, resolves }) =>
      kind === 'accepted' && (resolves === entry.seq || resolves === undoing.seq),
  )
  const rows = answers.length === 0 ? [entry, undoing] : answers
  return rows.reduce((last, row) => (row.seq > last.seq ? row : last)).balance
}

/** `€400.00 → €40.00, corrected by Ana`. */
export const sayCorrection = (
  { entry, undoing }: Required<Omit<Line, 'opens'>>,
  debt: Debt,
  me: string,
): string => {
  const { correct } = t
  const isMine = entry.enteredBy === me
  const who = sayWho(entry, debt, me)
  // Only its day or its note was wrong.
  if (undoing.amount.minor === entry.amount.minor) {
    return isMine ? correct.lineSameMine : fill(correct.lineSame, { who })
  }
  const values = { from: formatMoney(undoing.amount), to: formatMoney(entry.amount) }
  return isMine ? fill(correct.lineMine, values) : fill(correct.line, { ...values, who })
}

/** What a waiting line asks its reader. */
export const sayLineQuestion = ({ entry, undoing }: Line, debt: Debt): string =>
  undoing === undefined
    ? sayQuestion(entry, debt)
    : fill(undoing.amount.minor === entry.amount.minor ? t.correct.askSame : t.correct.ask, {
        name: debt.counterparty.name,
        from: formatMoney(undoing.amount),
        to: formatMoney(entry.amount),
      })

/** A question to the reader of a debt. */
export interface Asked {
  debt: Debt
  /** Undefined: about the debt itself. */
  line?: Line
  /** Of rows over several debts, all of it: they are answered together. */
  whole?: NonNullable<Entry['together']>
}

/**
 * What of a debt asks `me`; `waiting` are the entries that wait for me, all of them. What a yes means is
 * said by the server: the rows of one payment may lie in debts that no page here has read.
 */
export const questionsIn = (debt: Debt, waiting: readonly Entry[], me: string): Asked[] => {
  const lines = linesOf(waiting).filter(({ entry }) => asksMe(entry, me))
  return lines.map((line): Asked => {
    const { together } = line.entry
    if (together !== undefined && together.debts > 1) return { debt, line, whole: together }
    return asksReader(debt) ? { debt } : { debt, line }
  })
}

/** Questions of several debts, with one for what lies over more than one of them. */
export const foldTogether = (asked: readonly Asked[]): Asked[] => {
  const seen = new Set<string>()
  return asked.filter(({ line, whole }) => {
    const bundle = line?.entry.bundle
    if (whole === undefined || bundle === undefined) return true
    return seen.size < seen.add(bundle).size
  })
}

/** `Bo noted that they paid you €37.00, over 3 debts between you.` */
export const sayWholeQuestion = ({ debt, whole }: Required<Omit<Asked, 'line'>>): string =>
  fill(t.ask.payment, {
    name: debt.counterparty.name,
    amount: formatMoney(whole.amount),
    count: String(whole.debts),
  })

const correctable: ReadonlySet<string> = new Set(['advance', 'repayment', 'forgiveness'])

/** True when the entry counts, so that it can be corrected or undone. */
export const isCorrectable = ({ kind, status }: Entry, debt: Debt): boolean =>
  status === 'posted' &&
  correctable.has(kind) &&
  (debt.status === 'open' || debt.status === 'settled')

/** True when `me` wrote it and the answer is still out. */
export const isMineToTakeBack = (entry: Entry, debt: Debt, me: string): boolean =>
  entry.status === 'pending' && entry.enteredBy === me && debt.status !== 'proposed'

/** The day on which a debt that is at zero came to it; undefined while that lies on a page not read. */
export const zeroSince = (entries: readonly Entry[]): string | undefined => {
  const first = entries.findIndex(({ balance }) => !isZero(balance))
  const closing = first <= 0 ? undefined : entries[first - 1]
  // Of a row that had to wait, the day is told by the row it answers.
  const answered = entries.find(({ seq }) => seq === closing?.resolves)
  return (answered ?? closing)?.occurredOn
}

/** Of a debt or an entry that was not agreed to: who said so and why, for its author. */
export const refusalOf = (entries: readonly Entry[], seq: number): Entry | undefined =>
  entries.find(({ kind, resolves }) => kind === 'declined' && resolves === seq)

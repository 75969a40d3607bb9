/** A debt's history as a file: CSV for a spreadsheet, JSON for a program. Pure: rows in, texts out. */
import { type Money, minorDigits } from '@quits/proto/money'
import { csvLine } from '../csv.ts'
import { type Entry, viewEntry } from '../transactions/entry.ts'
import type { Participant } from '../transactions/book.ts'
import type { Debt } from './debt.ts'
import type { DebtView } from './shapes.ts'

export interface HistoryFormat {
  head: string
  /** `first` tells the first entry of the file. */
  line(entry: Entry, first: boolean): string
  foot: string
}

const columns = [
  'seq',
  'date',
  'kind',
  'status',
  'amount',
  'currency',
  'balance',
  'entered by',
  'note',
  'reason',
  'refers to',
  'entered at',
  'hash',
]

/** Whole units with the currency's own decimals, exact: `12.50`. */
export const decimalOf = ({ minor, currency }: Money): string => {
  const digits = minorDigits(currency) ?? 0
  if (digits === 0) return minor
  const padded = minor.padStart(digits + 1, '0')
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

/** Names in the file are those that the reader sees on the screen. */
const nameOf = (debt: Debt, userId: string | null): string => {
  const unnamed = debt.book.participants.find(({ seat }) => seat !== 'joined')?.name ?? ''
  return userId === null ? unnamed : (debt.names.get(userId) ?? '')
}

export const csvHistory = (debt: Debt, readerId: string): HistoryFormat => ({
  head: csvLine(columns),
  line(entry) {
    const view = viewEntry(entry, debt.book.participants, readerId)
    return csvLine([
      view.seq,
      view.occurredOn,
      view.kind,
      view.status,
      decimalOf(view.amount),
      view.amount.currency,
      decimalOf(view.balance),
      nameOf(debt, view.enteredBy),
      view.note ?? '',
      view.reason ?? '',
      view.resolves ?? view.reverses ?? '',
      view.at,
      view.hash,
    ])
  },
  foot: '',
})

/** `{"debt":…,"items":[…]}`; items are entries as the API shows them, oldest first. */
export const jsonHistory = (
  debt: DebtView,
  participants: Participant[],
  readerId: string,
): HistoryFormat => ({
  head: `{"debt":${JSON.stringify(debt)},"items":[`,
  line(entry, first) {
    const text = JSON.stringify(viewEntry(entry, participants, readerId))
    return first ? text : `,${text}`
  },
  foot: ']}',
})

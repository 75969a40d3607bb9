/** What a list of debts is narrowed to, as it stands in the page's address. Pure. */
import type { Debt, DebtsFilter } from '../api/shapes.ts'
import { t } from '../messages/say.ts'
import { isOver } from '../standing.ts'

interface Show {
  name: string
  label: string
  asked: DebtsFilter
  /** What the server's filter cannot say. */
  keeps: (debt: Debt) => boolean
}

const every = () => true
const isGoing = (debt: Debt) => !isOver(debt)

export const shows: readonly Show[] = [
  { name: '', label: t.debts.all, asked: {}, keeps: every },
  { name: 'owed', label: t.debts.owed, asked: { role: 'lender' }, keeps: isGoing },
  { name: 'owe', label: t.debts.owe, asked: { role: 'borrower' }, keeps: isGoing },
  { name: 'waiting', label: t.debts.waiting, asked: { status: 'proposed' }, keeps: every },
  { name: 'quits', label: t.debts.quits, asked: { status: 'settled' }, keeps: every },
  { name: 'away', label: t.debts.away, asked: { archived: 'true' }, keeps: every },
]

export interface Narrowed {
  show: string
  /** A user id; empty for everybody. */
  person: string
  q: string
}

const qLengthMax = 100

export const readNarrowed = (search: string): Narrowed => {
  const params = new URLSearchParams(search)
  return {
    show: params.get('show') ?? '',
    person: params.get('person') ?? '',
    q: (params.get('q') ?? '').slice(0, qLengthMax),
  }
}

export const hrefOf = (narrowed: Narrowed): string => {
  const set = Object.entries(narrowed).filter(([, value]) => value !== '')
  const search = new URLSearchParams(set).toString()
  return search === '' ? '/debts' : `/debts?${search}`
}

export const showOf = ({ show }: Narrowed): Show | undefined =>
  shows.find(({ name }) => name === show) ?? shows[0]

/** What the server is asked. */
export const filterOf = (narrowed: Narrowed): DebtsFilter => ({
  ...showOf(narrowed)?.asked,
  ...(narrowed.person === '' ? {} : { person: narrowed.person }),
  ...(narrowed.q.trim() === '' ? {} : { q: narrowed.q.trim() }),
})

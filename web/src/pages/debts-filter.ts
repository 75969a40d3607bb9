/** What a list of debts is narrowed to, as it stands in the page's address. Pure. */
import type { Debt, DebtsFilter } from '../api/shapes.ts'
import { t } from '../messages/say.ts'
import { isOver } from '../standing.ts'
import { dayFault } from '../text-fault.ts'

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
  { name: 'refused', label: t.debts.refused, asked: { status: 'declined' }, keeps: every },
  { name: 'back', label: t.debts.back, asked: { status: 'withdrawn' }, keeps: every },
  { name: 'away', label: t.debts.away, asked: { archived: 'true' }, keeps: every },
]

export interface Narrowed {
  show: string
  /** A user id; empty for everybody. */
  person: string
  q: string
  /** An ISO 4217 code; empty for every currency. */
  currency: string
  category: string
  /** The first and the last day of the opening, `YYYY-MM-DD`; empty for any. */
  from: string
  to: string
}

const qLengthMax = 100

/** What stands in the address; a currency or a day that cannot be one is left out. */
export const readNarrowed = (search: string): Narrowed => {
  const params = new URLSearchParams(search)
  const given = (name: string, shape: RegExp) => {
    const value = params.get(name) ?? ''
    return shape.test(value) ? value : ''
  }
  const day = (name: string) => {
    const value = params.get(name) ?? ''
    return dayFault(value, undefined) === undefined ? value : ''
  }
  return {
    show: params.get('show') ?? '',
    person: given('person', /^[0-9a-f-]{36}$/),
    q: (params.get('q') ?? '').slice(0, qLengthMax),
    currency: given('currency', /^[A-Z]{3}$/),
    category: given('category', /^.{1,40}$/u),
    from: day('from'),
    to: day('to'),
  }
}

/** The further filters that are set, beside what is shown, the words and the person. */
export const furtherCount = ({ currency, category, from, to }: Narrowed): number =>
  [currency, category, from, to].filter((value) => value !== '').length

export const isNarrowed = (narrowed: Narrowed): boolean =>
  furtherCount(narrowed) > 0 || narrowed.person !== '' || narrowed.q.trim() !== ''

/** The same kind of debts, all of them. */
export const unnarrowed = ({ show }: Narrowed): Narrowed => ({ ...readNarrowed(''), show })

export const hrefOf = (narrowed: Narrowed): string => {
  const set = Object.entries(narrowed).filter(([, value]) => value !== '')
  const search = new URLSearchParams(set).toString()
  return search === '' ? '/debts' : `/debts?${search}`
}

export const showOf = ({ show }: Narrowed): Show | undefined =>
  shows.find(({ name }) => name === show) ?? shows[0]

/** What the server is asked. */
export const filterOf = (narrowed: Narrowed): DebtsFilter => {
  const { show: _shown, ...typed } = narrowed
  const set = Object.entries({ ...typed, q: typed.q.trim() }).filter(([, value]) => value !== '')
  return { ...showOf(narrowed)?.asked, ...Object.fromEntries(set) }
}

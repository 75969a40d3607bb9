/** Two people and their debts in memory: the rules on a state, without a database. */
import { type Book, balanceOf, type Change } from '../transactions/book.ts'
import type { Entry } from '../transactions/entry.ts'
import type { Row } from '../transactions/journal.ts'
import type { Relation } from '../transactions/relation.ts'
import { makeState, type State } from '../transactions/state.ts'
import type { Request } from '../debts/rules.ts'
import type { Waiting } from '../debts/rules/answering.ts'

export const ana = '01890000-0000-7000-8000-00000000000a'
export const bo = '01890000-0000-7000-8000-00000000000b'
export const now = '2026-11-20T12:00:00.000Z'

export interface Model {
  state: State
  bookIds: string[]
  rows: Row[]
}

export const makeModel = (relations: Relation[] = []): Model => ({
  state: makeState({
    now,
    books: [],
    entries: [],
    written: [],
    payments: [],
    relations,
    sessions: [
      { id: ana, userId: ana },
      { id: bo, userId: bo },
    ],
  }),
  bookIds: [],
  rows: [],
})

/** Takes what a command decided. */
export const keep = (model: Model, changes: Change[]): void => {
  for (const change of changes) {
    model.state.apply(change)
    if (change.before === undefined) model.bookIds.push(change.after.id)
    model.rows.push(...change.appended.map(({ row }) => row))
  }
}

export const by = (callerId: string, key = 'k'): Request => ({
  callerId,
  key,
  hash: '00'.repeat(32),
  ifVersion: undefined,
})

export const bookOf = (model: Model, id: string): Book => {
  const book = model.state.book(id)
  if (book === undefined) throw new Error(`no book ${id}`)
  return book
}

/** The entries made with the one at this place, itself included. */
export const togetherWith = ({ state, rows }: Model, row: Row): Waiting[] =>
  rows
    .filter(
      (one) =>
        (one.bookId === row.bookId && one.seq === row.seq) ||
        (row.bundle !== undefined && one.bundle === row.bundle && one.resolves === undefined),
    )
    .flatMap(({ bookId, seq, reverses }) => {
      const entry = state.entry(bookId, seq)
      const target = reverses === undefined ? undefined : state.entry(bookId, reverses)
      return entry === undefined ? [] : [{ entry, target }]
    })

/** What this person is owed, less what they owe, over all debts. */
export const positionOf = (model: Model, userId: string): bigint =>
  model.bookIds.reduce((sum, id) => {
    const book = bookOf(model, id)
    const no = book.participants.find((one) => one.userId === userId)?.no
    return sum + (book.accounts.find((one) => one.no === no)?.postedMinor ?? 0n)
  }, 0n)

const entriesOf = ({ state, rows }: Model, bookId?: string): Entry[] =>
  rows
    .filter((row) => bookId === undefined || row.bookId === bookId)
    .flatMap(({ bookId: id, seq }) => state.entry(id, seq) ?? [])

const waits = ({ row, answer }: Entry) => row.status === 'pending' && answer === undefined
const fateOf = (entry: Entry) => (waits(entry) ? 'waits' : (entry.answer?.kind ?? entry.row.status))

/** What holds after every command, whatever the commands were. */
const invariants: Record<string, (model: Model, book: Book) => boolean> = {
  balanceIsSumOfPostings: ({ rows }, book) =>
    rows
      .filter(({ bookId }) => bookId === book.id)
      .flatMap(({ postings }) => postings)
      .reduce((sum, p) => sum + (p.debit === 1 ? p.amountMinor : -p.amountMinor), 0n) ===
    balanceOf(book),
  bookSumsToZero: (_, { accounts }) =>
    accounts.reduce((sum, { postedMinor }) => sum + postedMinor, 0n) === 0n,
  noRowShowsATurnedSign: ({ rows }) => rows.every(({ balanceMinor }) => balanceMinor >= 0n),
  pendingIsWhatWaits: (model, { id, accounts: [one, two], pendingCount }) => {
    const waiting = entriesOf(model, id).filter(waits)
    const sum = waiting.reduce((total, { row }) => total + row.amountMinor, 0n)
    const first = (one?.pendingInMinor ?? 0n) + (one?.pendingOutMinor ?? 0n)
    const second = (two?.pendingInMinor ?? 0n) + (two?.pendingOutMinor ?? 0n)
    return pendingCount === waiting.length && first === sum && second === sum
  },
  seqIsDense: ({ rows }, { id, lastSeq }) =>
    rows.filter(({ bookId }) => bookId === id).every(({ seq }, index) => seq === index + 1) &&
    rows.filter(({ bookId }) => bookId === id).length === lastSeq,
  eachRowCoversTheOneBefore: ({ rows }, { id }) =>
    rows
      .filter(({ bookId }) => bookId === id)
      .every((row, i, own) => i === 0 || row.prevHash === own[i - 1]?.hash),
  settledMeansZero: (_, book) =>
    !['open', 'settled'].includes(book.status) ||
    (book.status === 'settled') === (balanceOf(book) === 0n),
  nothingIsUndoneTwice: ({ rows }, { id }) => {
    const undone = rows
      .filter(({ bookId, status }) => bookId === id && status === 'posted')
      .flatMap(({ reverses }) => reverses ?? [])
    return new Set(undone).size === undone.length
  },
  noReversalIsReversed: ({ rows }, { id }) => {
    const own = rows.filter(({ bookId }) => bookId === id)
    return own.every(({ reverses }) => own[(reverses ?? 0) - 1]?.kind !== 'reversal')
  },
  bundlesAreWhole: (model) => {
    const fates = new Map<string, string>()
    return entriesOf(model)
      .filter(({ row }) => row.bundle !== undefined && row.resolves === undefined)
      .every((entry) => {
        const known = fates.get(entry.row.bundle ?? '') ?? fateOf(entry)
        fates.set(entry.row.bundle ?? '', known)
        return known === fateOf(entry)
      })
  },
}

/** Names of the invariants that do not hold. */
export const broken = (model: Model): string[] =>
  Object.entries(invariants)
    .filter(([, holds]) => !model.bookIds.every((id) => holds(model, bookOf(model, id))))
    .map(([name]) => name)

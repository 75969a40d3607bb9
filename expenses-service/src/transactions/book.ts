/**
 * A book and the one way to add to it. Pure: state in, state out. A posting moves an amount between
 * two accounts, so a book sums to zero by construction.
 */
import { amountMinorMax } from '@quits/proto/money'
import { ledgerError } from '../errors.ts'
import { genesisHash, hashWords, type Posting, type Row, sealRow, type Words } from './journal.ts'

export interface Participant {
  no: number
  role: string
  userId: string | undefined
  /** The owner's own name for this person. */
  name: string | undefined
  /** Joined: agreed to be here. Asked: somebody was, by account or address. Absent: only a name. */
  seat: 'joined' | 'asked' | 'absent'
}

/** Account n of a debt is the position of participant n. */
export interface Account {
  no: number
  postedMinor: bigint
  pendingInMinor: bigint
  pendingOutMinor: bigint
}

export interface Book {
  id: string
  kind: string
  currency: string
  /** What it means is the affair of the book's kind. */
  status: string
  lastSeq: number
  lastHash: string
  /** Rises with each row and each change of words. */
  version: number
  /** Entries that wait for an answer. */
  pendingCount: number
  createdAt: string
  participants: Participant[]
  accounts: Account[]
}

/** What somebody wants to add. `postings` are those of the intent, also when it stays pending. */
export interface Draft {
  kind: string
  status: 'posted' | 'pending'
  enteredBy: string
  occurredOn: string
  amountMinor: bigint
  postings: Posting[]
  /** For an answer to a pending row: takes the pending amounts of that row back. */
  releases?: Posting[]
  resolves?: number
  reverses?: number
  bundle?: string
  key?: string
  requestHash?: string
  words?: Words
}

export interface Appended {
  book: Book
  row: Row
  words: Words | undefined
}

/** What a command does to one book. */
export interface Change {
  /** Undefined for a book that the command makes. */
  before: Book | undefined
  after: Book
  appended: Appended[]
}

/** A book without rows, as it is before its first one. */
export const emptyBook = (
  shape: Pick<Book, 'id' | 'kind' | 'currency' | 'status' | 'createdAt' | 'participants'>,
  accountCount: number,
): Book => ({
  ...shape,
  lastSeq: 0,
  lastHash: genesisHash,
  version: 0,
  pendingCount: 0,
  accounts: Array.from({ length: accountCount }, (_, index) => ({
    no: index + 1,
    postedMinor: 0n,
    pendingInMinor: 0n,
    pendingOutMinor: 0n,
  })),
})

/** Balance of the book's first account; in a debt, what the borrower owes. */
export const balanceOf = (book: Book): bigint => book.accounts[0]?.postedMinor ?? 0n

/**
 * Adds the rows of one command at instant `at`. Refuses only what would leave the range of amounts, and
 * judges that by the balance after all of them.
 */
export const append = (book: Book, drafts: Draft[], at: string): Appended[] => {
  const appended: Appended[] = []
  let after = book
  for (const draft of drafts) {
    const next = appendOne(after, draft, at)
    appended.push(next)
    after = next.book
  }
  if (after.accounts.some(({ postedMinor }) => magnitude(postedMinor) > amountMinorMax)) {
    throw ledgerError('balance_too_large')
  }
  return appended
}

const appendOne = (book: Book, draft: Draft, at: string): Appended => {
  const posted = draft.status === 'posted' ? draft.postings : []
  const waiting = draft.status === 'pending' ? draft.postings : []
  const accounts = book.accounts.map((account) =>
    moved(account, posted, waiting, draft.releases ?? []),
  )
  const seq = book.lastSeq + 1
  const row = sealRow({
    bookId: book.id,
    seq,
    kind: draft.kind,
    status: draft.status,
    enteredBy: draft.enteredBy,
    occurredOn: draft.occurredOn,
    amountMinor: draft.amountMinor,
    currency: book.currency,
    balanceMinor: accounts[0]?.postedMinor ?? 0n,
    resolves: draft.resolves,
    reverses: draft.reverses,
    bundle: draft.bundle,
    key: draft.key,
    requestHash: draft.requestHash,
    wordsHash: draft.words === undefined ? undefined : hashWords(draft.words),
    postings: posted,
    prevHash: book.lastHash,
    at,
  })
  const answered = draft.releases === undefined ? 0 : 1
  const asked = draft.status === 'pending' ? 1 : 0
  const after = {
    ...book,
    accounts,
    lastSeq: seq,
    lastHash: row.hash,
    version: book.version + 1,
    pendingCount: book.pendingCount + asked - answered,
  }
  return { book: after, row, words: draft.words }
}

const magnitude = (minor: bigint) => (minor < 0n ? -minor : minor)

/** The amount with what the postings move to this side of the account. */
const plus = (minor: bigint, postings: Posting[], side: 'debit' | 'credit', no: number): bigint => {
  let sum = minor
  for (const posting of postings) if (posting[side] === no) sum += posting.amountMinor
  return sum
}

const minus = (
  minor: bigint,
  postings: Posting[],
  side: 'debit' | 'credit',
  no: number,
): bigint => {
  let rest = minor
  for (const posting of postings) if (posting[side] === no) rest -= posting.amountMinor
  return rest
}

const moved = (
  account: Account,
  posted: Posting[],
  waiting: Posting[],
  released: Posting[],
): Account => {
  const { no, postedMinor, pendingInMinor, pendingOutMinor } = account
  return {
    no,
    postedMinor: minus(plus(postedMinor, posted, 'debit', no), posted, 'credit', no),
    pendingInMinor: minus(plus(pendingInMinor, waiting, 'debit', no), released, 'debit', no),
    pendingOutMinor: minus(plus(pendingOutMinor, waiting, 'credit', no), released, 'credit', no),
  }
}

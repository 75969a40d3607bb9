/** The write step as data: the statements that store what a turn decided, set by set. */
import {
  byteas,
  dates,
  int2s,
  int4s,
  int8s,
  literals,
  texts,
  timestamptzs,
  uuids,
} from '../column.ts'
import { inserting, type Statement, updating } from '../statement.ts'
import type { Account, Book, Change, Participant } from './book.ts'
import type { Row, Words } from './journal.ts'

/** Books, participants, rows with their postings, words and bundles of one change per book. */
export const saving = (changes: Change[]): Statement[] => {
  const created = changes.filter(({ before }) => before === undefined).map(({ after }) => after)
  const changed = changes.filter(({ before }) => before !== undefined).map(({ after }) => after)
  const seated = changes.filter(({ before, after }) => before?.participants !== after.participants)
  const appended = changes.flatMap((change) => change.appended)
  const rows = appended.map(({ row }) => row)
  return [
    ...insertBooks(created),
    ...updateBooks(changed),
    ...saveParticipants(seated.flatMap(({ after }) => participantsOf(after))),
    ...insertRows(rows),
    ...insertWords(
      appended.flatMap(({ row, words }) => (words === undefined ? [] : [{ row, words }])),
    ),
    ...insertBundles(rows.filter(({ bundle }) => bundle !== undefined)),
  ]
}

/** One balance of each of a book's accounts, in the order of their numbers. */
const balances = (which: 'postedMinor' | 'pendingInMinor' | 'pendingOutMinor') =>
  literals<Book>('bigint[]', ({ accounts }) => `{${accounts.map(amountOf(which)).join()}}`)

const amountOf = (which: keyof Account) => (account: Account) => String(account[which])

/** What every entry changes in its book. */
const changing = {
  book_id: uuids<Book>(({ id }) => id),
  status: texts<Book>(({ status }) => status),
  last_seq: int4s<Book>(({ lastSeq }) => lastSeq),
  last_hash: byteas<Book>(({ lastHash }) => lastHash),
  version: int4s<Book>(({ version }) => version),
  pending_count: int4s<Book>(({ pendingCount }) => pendingCount),
  posted_minor: balances('postedMinor'),
  pending_in_minor: balances('pendingInMinor'),
  pending_out_minor: balances('pendingOutMinor'),
}

const updateBooks = updating('books', 'book_id', changing)

const insertBooks = inserting('books', {
  ...changing,
  kind: texts<Book>(({ kind }) => kind),
  currency: texts<Book>(({ currency }) => currency),
  created_at: timestamptzs<Book>(({ createdAt }) => createdAt),
})

const participantsOf = ({ id, participants }: Book) =>
  participants.map((one) => ({ bookId: id, ...one }))

const saveParticipants = inserting<Participant & { bookId: string }>(
  'participants',
  {
    book_id: uuids(({ bookId }) => bookId),
    no: int2s(({ no }) => no),
    role: texts(({ role }) => role),
    user_id: uuids(({ userId }) => userId),
    name: texts(({ name }) => name),
    seat: texts(({ seat }) => seat),
  },
  'ON CONFLICT (book_id, no) DO UPDATE SET user_id = excluded.user_id, seat = excluded.seat',
)

const postingsText = ({ postings }: Row): string =>
  `{${postings
    .map(({ debit, credit, amountMinor }) => `"(${debit},${credit},${amountMinor})"`)
    .join()}}`

const insertRows = inserting<Row>('transactions', {
  book_id: uuids(({ bookId }) => bookId),
  seq: int4s(({ seq }) => seq),
  kind: texts(({ kind }) => kind),
  status: texts(({ status }) => status),
  entered_by: uuids(({ enteredBy }) => enteredBy),
  occurred_on: dates(({ occurredOn }) => occurredOn),
  amount_minor: int8s(({ amountMinor }) => amountMinor),
  balance_minor: int8s(({ balanceMinor }) => balanceMinor),
  resolves: int4s(({ resolves }) => resolves),
  reverses: int4s(({ reverses }) => reverses),
  bundle: uuids(({ bundle }) => bundle),
  key: texts(({ key }) => key),
  request_hash: byteas(({ requestHash }) => requestHash),
  words_hash: byteas(({ wordsHash }) => wordsHash),
  prev_hash: byteas(({ prevHash }) => prevHash),
  hash: byteas(({ hash }) => hash),
  at: timestamptzs(({ at }) => at),
  postings: literals('posting[]', postingsText),
})

const insertWords = inserting<{ row: Row; words: Words }>('transaction_words', {
  book_id: uuids(({ row }) => row.bookId),
  seq: int4s(({ row }) => row.seq),
  salt: byteas(({ words }) => words.salt),
  note: texts(({ words }) => words.note),
  reason: texts(({ words }) => words.reason),
  suggested_minor: int8s(({ words }) => words.suggestedMinor),
})

const insertBundles = inserting<Row>('bundles', {
  id: uuids(({ bundle }) => bundle),
  book_id: uuids(({ bookId }) => bookId),
  seq: int4s(({ seq }) => seq),
})

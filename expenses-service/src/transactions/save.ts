/** The write step as data: the statements that store what a turn decided, set by set. */
import { byteas, dates, int2s, int4s, int8s, texts, timestamptzs, uuids } from '../column.ts'
import type { Book, Change } from './book.ts'
import type { Row } from './journal.ts'
import { overRows, type Statement } from '../statement.ts'

/** Books, participants, rows with their postings, words and bundles of one change per book. */
export const saving = (changes: Change[]): Statement[] => {
  const created = changes.filter(({ before }) => before === undefined).map(({ after }) => after)
  const changed = changes.filter(({ before }) => before !== undefined).map(({ after }) => after)
  const seated = changes.filter(({ before, after }) => before?.participants !== after.participants)
  return [
    ...insertBooks(created),
    ...updateBooks(changed),
    ...saveParticipants(seated.map(({ after }) => after)),
    ...insertRows(changes),
  ]
}

/** The balances of a book's accounts, in the order of their numbers, as array literals. */
const balances = (['postedMinor', 'pendingInMinor', 'pendingOutMinor'] as const).map((which) =>
  texts<Book>(({ accounts }) => `{${accounts.map((account) => account[which]).join()}}`),
)

const postingsText = ({ postings }: Row): string =>
  `{${postings
    .map(({ debit, credit, amountMinor }) => `"(${debit},${credit},${amountMinor})"`)
    .join()}}`

const insertBooks = (books: Book[]) =>
  overRows(
    books,
    'insert-books',
    `INSERT INTO books (book_id, kind, currency, status, last_seq, last_hash, version,
       pending_count, created_at, posted_minor, pending_in_minor, pending_out_minor)
     SELECT book_id, kind, currency, status, last_seq, last_hash, version, pending_count, created_at,
       posted::bigint[], pending_in::bigint[], pending_out::bigint[]
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bytea[], $7::int[],
       $8::int[], $9::timestamptz[], $10::text[], $11::text[], $12::text[])
       AS n (book_id, kind, currency, status, last_seq, last_hash, version, pending_count,
         created_at, posted, pending_in, pending_out)`,
    [
      uuids(({ id }) => id),
      texts(({ kind }) => kind),
      texts(({ currency }) => currency),
      texts(({ status }) => status),
      int4s(({ lastSeq }) => lastSeq),
      byteas(({ lastHash }) => lastHash),
      int4s(({ version }) => version),
      int4s(({ pendingCount }) => pendingCount),
      timestamptzs(({ createdAt }) => createdAt),
      ...balances,
    ],
  )

const updateBooks = (books: Book[]) =>
  overRows(
    books,
    'update-books',
    `UPDATE books SET status = n.status, last_seq = n.last_seq, last_hash = n.last_hash,
       version = n.version, pending_count = n.pending_count, posted_minor = n.posted::bigint[],
       pending_in_minor = n.pending_in::bigint[], pending_out_minor = n.pending_out::bigint[]
     FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bytea[], $5::int[], $6::int[], $7::text[],
       $8::text[], $9::text[])
       AS n (book_id, status, last_seq, last_hash, version, pending_count, posted, pending_in,
         pending_out)
     WHERE books.book_id = n.book_id`,
    [
      uuids(({ id }) => id),
      texts(({ status }) => status),
      int4s(({ lastSeq }) => lastSeq),
      byteas(({ lastHash }) => lastHash),
      int4s(({ version }) => version),
      int4s(({ pendingCount }) => pendingCount),
      ...balances,
    ],
  )

const saveParticipants = (books: Book[]) =>
  overRows(
    books.flatMap(({ id, participants }) => participants.map((one) => ({ bookId: id, ...one }))),
    'save-participants',
    `INSERT INTO participants (book_id, no, role, user_id, name, seat)
     SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::uuid[], $5::text[],
       $6::text[])
     ON CONFLICT (book_id, no) DO UPDATE SET user_id = excluded.user_id, seat = excluded.seat`,
    [
      uuids(({ bookId }) => bookId),
      int2s(({ no }) => no),
      texts(({ role }) => role),
      uuids(({ userId }) => userId),
      texts(({ name }) => name),
      texts(({ seat }) => seat),
    ],
  )

const insertRows = (changes: Change[]): Statement[] => {
  const appended = changes.flatMap((change) => change.appended)
  const rows = appended.map(({ row }) => row)
  const spoken = appended.flatMap(({ row, words }) => (words === undefined ? [] : [{ row, words }]))
  return [
    ...overRows(
      rows,
      'insert-transactions',
      `INSERT INTO transactions (book_id, seq, kind, status, entered_by, occurred_on,
         amount_minor, balance_minor, resolves, reverses, bundle, key, request_hash,
         words_hash, prev_hash, hash, at, postings)
       SELECT book_id, seq, kind, status, entered_by, occurred_on, amount, balance, resolves,
         reverses, bundle, key, request_hash, words_hash, prev_hash, hash, at, postings::posting[]
       FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::uuid[], $6::date[],
         $7::bigint[], $8::bigint[], $9::int[], $10::int[], $11::uuid[], $12::text[],
         $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[], $17::timestamptz[], $18::text[])
         AS n (book_id, seq, kind, status, entered_by, occurred_on, amount, balance, resolves,
           reverses, bundle, key, request_hash, words_hash, prev_hash, hash, at, postings)`,
      [
        uuids(({ bookId }) => bookId),
        int4s(({ seq }) => seq),
        texts(({ kind }) => kind),
        texts(({ status }) => status),
        uuids(({ enteredBy }) => enteredBy),
        dates(({ occurredOn }) => occurredOn),
        int8s(({ amountMinor }) => amountMinor),
        int8s(({ balanceMinor }) => balanceMinor),
        int4s(({ resolves }) => resolves),
        int4s(({ reverses }) => reverses),
        uuids(({ bundle }) => bundle),
        texts(({ key }) => key),
        byteas(({ requestHash }) => requestHash),
        byteas(({ wordsHash }) => wordsHash),
        byteas(({ prevHash }) => prevHash),
        byteas(({ hash }) => hash),
        timestamptzs(({ at }) => at),
        texts(postingsText),
      ],
    ),
    ...overRows(
      spoken,
      'insert-words',
      `INSERT INTO transaction_words (book_id, seq, salt, note, reason, suggested_minor)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::text[], $5::text[],
         $6::bigint[])`,
      [
        uuids(({ row }) => row.bookId),
        int4s(({ row }) => row.seq),
        byteas(({ words }) => words.salt),
        texts(({ words }) => words.note),
        texts(({ words }) => words.reason),
        int8s(({ words }) => words.suggestedMinor),
      ],
    ),
    ...overRows(
      rows.filter(({ bundle }) => bundle !== undefined),
      'insert-bundles',
      `INSERT INTO bundles (id, book_id, seq)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[])`,
      [uuids(({ bundle }) => bundle), uuids(({ bookId }) => bookId), int4s(({ seq }) => seq)],
    ),
  ]
}

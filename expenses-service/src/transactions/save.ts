/** The write step: everything a turn decided, set by set, in the turn's transaction. */
import type { Connection } from '@quits/kit/postgres'
import type { Appended, Book, Change } from './book.ts'

/** Writes books, participants, accounts, rows, postings and words. */
export const save = async (connection: Connection, changes: Change[]): Promise<void> => {
  const created = changes.filter(({ before }) => before === undefined).map(({ after }) => after)
  const changed = changes.filter(({ before }) => before !== undefined).map(({ after }) => after)
  const appended = changes.flatMap((change) => change.appended)
  if (created.length > 0) await insertBooks(connection, created)
  if (changed.length > 0) await updateBooks(connection, changed)
  const moved = changes.filter(({ before, after }) => before?.participants !== after.participants)
  if (moved.length > 0) await saveParticipants(connection, moved)
  await saveAccounts(connection, created, changed)
  await insertRows(connection, appended)
}

const insertBooks = (connection: Connection, books: Book[]) =>
  connection.query({
    name: 'insert-books',
    text: `INSERT INTO books
             (book_id, kind, currency, status, last_seq, last_hash, version, created_at,
              pending_count)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[],
             $6::bytea[], $7::int[], $8::timestamptz[], $9::int[])`,
    values: [
      books.map(({ id }) => id),
      books.map(({ kind }) => kind),
      books.map(({ currency }) => currency),
      books.map(({ status }) => status),
      books.map(({ lastSeq }) => lastSeq),
      books.map(({ lastHash }) => lastHash),
      books.map(({ version }) => version),
      books.map(({ createdAt }) => createdAt),
      books.map(({ pendingCount }) => pendingCount),
    ],
  })

const updateBooks = (connection: Connection, books: Book[]) =>
  connection.query({
    name: 'update-books',
    text: `UPDATE books SET status = n.status, last_seq = n.last_seq, last_hash = n.last_hash,
             version = n.version, pending_count = n.pending_count
           FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bytea[], $5::int[], $6::int[])
             AS n (book_id, status, last_seq, last_hash, version, pending_count)
           WHERE books.book_id = n.book_id`,
    values: [
      books.map(({ id }) => id),
      books.map(({ status }) => status),
      books.map(({ lastSeq }) => lastSeq),
      books.map(({ lastHash }) => lastHash),
      books.map(({ version }) => version),
      books.map(({ pendingCount }) => pendingCount),
    ],
  })

const saveParticipants = (connection: Connection, changes: Change[]) => {
  const rows = changes.flatMap(({ after }) =>
    after.participants.map((participant) => ({ bookId: after.id, ...participant })),
  )
  return connection.query({
    name: 'save-participants',
    text: `INSERT INTO participants (book_id, no, role, user_id, name, seat)
           SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::uuid[], $5::text[], $6::text[])
           ON CONFLICT (book_id, no) DO UPDATE SET user_id = excluded.user_id,
             seat = excluded.seat`,
    values: [
      rows.map(({ bookId }) => bookId),
      rows.map(({ no }) => no),
      rows.map(({ role }) => role),
      rows.map(({ userId }) => userId ?? null),
      rows.map(({ name }) => name ?? null),
      rows.map(({ seat }) => seat),
    ],
  })
}

const saveAccounts = async (connection: Connection, created: Book[], changed: Book[]) => {
  const flat = (books: Book[]) =>
    books.flatMap(({ id, currency, accounts }) =>
      accounts.map((account) => ({ bookId: id, currency, ...account })),
    )
  const made = flat(created)
  if (made.length > 0) {
    await connection.query({
      name: 'insert-accounts',
      text: `INSERT INTO accounts (book_id, no, posted_minor, pending_in_minor, pending_out_minor,
               kind, participant, currency)
             SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[],
               $5::bigint[], $6::text[], $7::smallint[], $8::text[])`,
      values: [
        ...balances(made),
        made.map(({ kind }) => kind),
        made.map(({ participant }) => participant ?? null),
        made.map(({ currency }) => currency),
      ],
    })
  }
  const kept = flat(changed)
  if (kept.length > 0) {
    await connection.query({
      name: 'update-accounts',
      text: `UPDATE accounts SET posted_minor = n.posted, pending_in_minor = n.pending_in,
               pending_out_minor = n.pending_out
             FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[])
               AS n (book_id, no, posted, pending_in, pending_out)
             WHERE accounts.book_id = n.book_id AND accounts.no = n.no`,
      values: balances(kept),
    })
  }
}

const balances = (
  accounts: (Book['accounts'][number] & { bookId: string })[],
): [string[], number[], bigint[], bigint[], bigint[]] => [
  accounts.map(({ bookId }) => bookId),
  accounts.map(({ no }) => no),
  accounts.map(({ postedMinor }) => postedMinor),
  accounts.map(({ pendingInMinor }) => pendingInMinor),
  accounts.map(({ pendingOutMinor }) => pendingOutMinor),
]

const insertRows = async (connection: Connection, appended: Appended[]) => {
  const rows = appended.map(({ row }) => row)
  if (rows.length === 0) return
  await connection.query({
    name: 'insert-transactions',
    text: `INSERT INTO transactions (book_id, seq, kind, status, entered_by, occurred_on,
             amount_minor, balance_minor, resolves, reverses, bundle, key, request_hash,
             words_hash, prev_hash, hash, at)
           SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::uuid[],
             $6::date[], $7::bigint[], $8::bigint[], $9::int[], $10::int[], $11::uuid[],
             $12::text[], $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[],
             $17::timestamptz[])`,
    values: [
      rows.map(({ bookId }) => bookId),
      rows.map(({ seq }) => seq),
      rows.map(({ kind }) => kind),
      rows.map(({ status }) => status),
      rows.map(({ enteredBy }) => enteredBy),
      rows.map(({ occurredOn }) => occurredOn),
      rows.map(({ amountMinor }) => amountMinor),
      rows.map(({ balanceMinor }) => balanceMinor),
      rows.map(({ resolves }) => resolves ?? null),
      rows.map(({ reverses }) => reverses ?? null),
      rows.map(({ bundle }) => bundle ?? null),
      rows.map(({ key }) => key ?? null),
      rows.map(({ requestHash }) => requestHash ?? null),
      rows.map(({ wordsHash }) => wordsHash ?? null),
      rows.map(({ prevHash }) => prevHash),
      rows.map(({ hash }) => hash),
      rows.map(({ at }) => at),
    ],
  })
  await insertPostings(connection, appended)
  await insertWords(connection, appended)
  await insertBundles(connection, appended)
}

const insertPostings = async (connection: Connection, appended: Appended[]) => {
  const postings = appended.flatMap(({ row }) =>
    row.postings.map((posting, index) => ({ ...posting, row, no: index + 1 })),
  )
  if (postings.length === 0) return
  await connection.query({
    name: 'insert-postings',
    text: `INSERT INTO postings (book_id, seq, no, debit, credit, amount_minor)
           SELECT * FROM unnest($1::uuid[], $2::int[], $3::smallint[], $4::smallint[],
             $5::smallint[], $6::bigint[])`,
    values: [
      postings.map(({ row }) => row.bookId),
      postings.map(({ row }) => row.seq),
      postings.map(({ no }) => no),
      postings.map(({ debit }) => debit),
      postings.map(({ credit }) => credit),
      postings.map(({ amountMinor }) => amountMinor),
    ],
  })
}

const insertWords = async (connection: Connection, appended: Appended[]) => {
  const spoken = appended.flatMap(({ row, words }) => (words === undefined ? [] : [{ row, words }]))
  if (spoken.length === 0) return
  await connection.query({
    name: 'insert-words',
    text: `INSERT INTO transaction_words (book_id, seq, salt, note, reason, suggested_minor)
           SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::text[], $5::text[],
             $6::bigint[])`,
    values: [
      spoken.map(({ row }) => row.bookId),
      spoken.map(({ row }) => row.seq),
      spoken.map(({ words }) => words.salt),
      spoken.map(({ words }) => words.note ?? null),
      spoken.map(({ words }) => words.reason ?? null),
      spoken.map(({ words }) => words.suggestedMinor ?? null),
    ],
  })
}

const insertBundles = async (connection: Connection, appended: Appended[]) => {
  const bundled = appended.flatMap(({ row }) => (row.bundle === undefined ? [] : [row]))
  if (bundled.length === 0) return
  await connection.query({
    name: 'insert-bundles',
    text: `INSERT INTO bundles (id, book_id, seq)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[])`,
    values: [
      bundled.map(({ bundle }) => bundle),
      bundled.map(({ bookId }) => bookId),
      bundled.map(({ seq }) => seq),
    ],
  })
}

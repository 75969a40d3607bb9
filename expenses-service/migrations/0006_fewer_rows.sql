-- An entry costs what it touches: each row and each index entry is a descent of its own. So what changes
-- with every entry stands in the book's one row, a journal row holds its postings, and up to 64 events of
-- a turn wait as one row. Whoever reads finds accounts, postings and waiting events under their names.

-- What one column may hold is a type: a CHECK of the table is read and tried anew with every statement,
-- also for the columns that it leaves alone.
CREATE DOMAIN currency_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN sha256_hash   AS bytea CHECK (length(VALUE) = 32);
CREATE DOMAIN amount_minor  AS bigint CHECK (VALUE BETWEEN 0 AND 1000000000000000);
CREATE DOMAIN balances_minor AS bigint[] CHECK (array_position(VALUE, NULL) IS NULL
  AND 1000000000000000 >= ALL (VALUE) AND -1000000000000000 <= ALL (VALUE));
CREATE DOMAIN amounts_minor AS bigint[]
  CHECK (array_position(VALUE, NULL) IS NULL AND 0 <= ALL (VALUE));
CREATE DOMAIN journal_status AS text CHECK (VALUE IN ('posted', 'pending'));
CREATE TYPE posting_sides AS (debit smallint, credit smallint, amount_minor amount_minor);
CREATE DOMAIN posting AS posting_sides
  CHECK (((VALUE).amount_minor > 0 AND (VALUE).debit <> (VALUE).credit) IS TRUE);

-- What is damaged must not come out clean: this shape has no place for it.
DO $$ BEGIN
  IF EXISTS (SELECT FROM postings p WHERE NOT EXISTS
       (SELECT FROM transactions t WHERE t.book_id = p.book_id AND t.seq = p.seq))
    OR EXISTS (SELECT FROM (SELECT a.*, row_number() OVER (PARTITION BY book_id ORDER BY no) AS place
       FROM accounts a) a LEFT JOIN books b USING (book_id)
       WHERE (a.no = a.place AND a.participant = a.no AND a.kind = 'position'
         AND a.currency = b.currency) IS NOT TRUE)
  THEN RAISE EXCEPTION 'postings without a row or accounts of another kind: run npm run verify';
  END IF;
END $$;

-- Account n of a debt is the position of participant n. Kinds with other accounts bring their own chart.
ALTER TABLE books
  ADD COLUMN posted_minor      balances_minor NOT NULL DEFAULT '{}',
  ADD COLUMN pending_in_minor  amounts_minor NOT NULL DEFAULT '{}',
  ADD COLUMN pending_out_minor amounts_minor NOT NULL DEFAULT '{}',
  DROP CONSTRAINT books_currency_check,
  DROP CONSTRAINT books_last_seq_check,
  DROP CONSTRAINT books_last_hash_check,
  DROP CONSTRAINT books_check,
  DROP CONSTRAINT books_pending_count_check,
  ALTER COLUMN currency TYPE currency_code,
  ALTER COLUMN last_hash TYPE sha256_hash;
UPDATE books SET posted_minor = a.posted, pending_in_minor = a.pending_in,
  pending_out_minor = a.pending_out
FROM (SELECT book_id, array_agg(posted_minor ORDER BY no) AS posted,
        array_agg(pending_in_minor ORDER BY no) AS pending_in,
        array_agg(pending_out_minor ORDER BY no) AS pending_out
      FROM accounts GROUP BY book_id) a
WHERE a.book_id = books.book_id;
ALTER TABLE books
  ALTER COLUMN posted_minor DROP DEFAULT,
  ALTER COLUMN pending_in_minor DROP DEFAULT,
  ALTER COLUMN pending_out_minor DROP DEFAULT,
  ADD CHECK (last_seq > 0 AND version >= last_seq AND pending_count >= 0
    AND cardinality(posted_minor) > 0
    AND cardinality(posted_minor) = cardinality(pending_in_minor)
    AND cardinality(posted_minor) = cardinality(pending_out_minor));
DROP TABLE accounts;
CREATE VIEW accounts AS
  SELECT b.book_id, a.no::smallint AS no, 'position' AS kind, a.no::smallint AS participant,
    b.currency, a.posted_minor, a.pending_in_minor, a.pending_out_minor
  FROM books b CROSS JOIN LATERAL
    unnest(b.posted_minor, b.pending_in_minor, b.pending_out_minor) WITH ORDINALITY
      AS a (posted_minor, pending_in_minor, pending_out_minor, no);

ALTER TABLE transactions
  ADD COLUMN postings posting[] NOT NULL DEFAULT '{}',
  DROP CONSTRAINT transactions_seq_check,
  DROP CONSTRAINT transactions_status_check,
  DROP CONSTRAINT transactions_amount_minor_check,
  DROP CONSTRAINT transactions_prev_hash_check,
  DROP CONSTRAINT transactions_hash_check,
  DROP CONSTRAINT transactions_check,
  DROP CONSTRAINT transactions_check1,
  ALTER COLUMN status TYPE journal_status,
  ALTER COLUMN amount_minor TYPE amount_minor,
  ALTER COLUMN prev_hash TYPE sha256_hash,
  ALTER COLUMN hash TYPE sha256_hash,
  ADD CHECK (seq > 0 AND (key IS NULL) = (request_hash IS NULL)
    AND coalesce(resolves, 0) < seq AND coalesce(reverses, 0) < seq);
UPDATE transactions SET postings = p.postings
FROM (SELECT book_id, seq,
        array_agg((debit, credit, amount_minor)::posting_sides::posting ORDER BY no) AS postings
      FROM postings GROUP BY book_id, seq) p
WHERE p.book_id = transactions.book_id AND p.seq = transactions.seq;
ALTER TABLE transactions ALTER COLUMN postings DROP DEFAULT;
DROP TABLE postings;
CREATE VIEW postings AS
  SELECT t.book_id, t.seq, p.no::smallint AS no, p.debit, p.credit, p.amount_minor
  FROM transactions t CROSS JOIN LATERAL
    unnest(t.postings) WITH ORDINALITY AS p (debit, credit, amount_minor, no);

-- Every entry reads who is in its book, and hardly anybody is ever changed: the index alone tells.
ALTER TABLE participants DROP CONSTRAINT participants_pkey,
  ADD PRIMARY KEY (book_id, no) INCLUDE (role, user_id, name, seat);

-- Keys and events line by line, in the order in which they were decided. Not compressed: a row lives for
-- milliseconds.
CREATE TABLE outbox_batches (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic  text NOT NULL CHECK (topic IN ('books', 'users')),
  count  int  NOT NULL CHECK (count > 0),
  keys   text NOT NULL,
  events text NOT NULL,
  at     timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE outbox_batches ALTER COLUMN events SET STORAGE EXTERNAL;
INSERT INTO outbox_batches (topic, count, keys, events, at)
  SELECT topic, 1, key, event, at FROM outbox_events ORDER BY id;
DROP TABLE outbox_events;
CREATE VIEW outbox_events AS
  SELECT b.id, e.no::int AS no, b.topic, e.key, e.event, b.at
  FROM outbox_batches b CROSS JOIN LATERAL
    unnest(string_to_array(b.keys, E'\n'), string_to_array(b.events, E'\n')) WITH ORDINALITY
      AS e (key, event, no);

GRANT SELECT ON accounts, postings, outbox_events TO quits_expenses;
GRANT SELECT, INSERT, DELETE ON outbox_batches TO quits_expenses;

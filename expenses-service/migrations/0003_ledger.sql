-- The ledger's heart. Every table of it leads its key with book_id and refers to no user by foreign key,
-- so that it can be distributed by book. Transactions and postings are inserted and never changed: the
-- service's role has no right to.

CREATE TABLE books (
  book_id    uuid PRIMARY KEY,
  kind       text NOT NULL,               -- 'debt'; an open set
  currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  status     text NOT NULL,               -- what it means is the kind's affair
  last_seq   int  NOT NULL CHECK (last_seq > 0),
  last_hash  bytea NOT NULL CHECK (length(last_hash) = 32),
  version    int  NOT NULL CHECK (version >= last_seq),
  pending_count int NOT NULL CHECK (pending_count >= 0),
  created_at timestamptz NOT NULL
) WITH (fillfactor = 50);                 -- every POST updates its book: keep it a HOT update

CREATE TABLE participants (
  book_id   uuid NOT NULL REFERENCES books,
  no        smallint NOT NULL,
  role      text NOT NULL,                -- in a debt: 'lender', 'borrower'
  user_id   uuid,                         -- null: no account, or not known yet
  name      text,                         -- the owner's own name for somebody; may be erased
  seat      text NOT NULL CHECK (seat IN ('joined', 'asked', 'absent')),
  PRIMARY KEY (book_id, no),
  CHECK (seat <> 'joined' OR user_id IS NOT NULL)
);

-- A debited account rises, a credited one falls. Pending amounts are intents: they have no postings.
CREATE TABLE accounts (
  book_id           uuid NOT NULL REFERENCES books,
  no                smallint NOT NULL,
  kind              text NOT NULL,        -- 'position'; later 'clearing', 'income', 'expense', …
  participant       smallint,
  currency          text NOT NULL,
  label             text,
  posted_minor      bigint NOT NULL DEFAULT 0 CHECK (abs(posted_minor) <= 1000000000000000),
  pending_in_minor  bigint NOT NULL DEFAULT 0 CHECK (pending_in_minor >= 0),
  pending_out_minor bigint NOT NULL DEFAULT 0 CHECK (pending_out_minor >= 0),
  PRIMARY KEY (book_id, no)
) WITH (fillfactor = 50);

-- No foreign key to books: its trigger costs each row more than its place in the index. Only the writer
-- inserts, under the book's lock, and the verifier looks for rows without a book.
CREATE TABLE transactions (
  book_id       uuid NOT NULL,
  seq           int  NOT NULL CHECK (seq > 0),
  kind          text NOT NULL,
  status        text NOT NULL CHECK (status IN ('posted', 'pending')),   -- as made
  entered_by    uuid NOT NULL,
  occurred_on   date NOT NULL,
  amount_minor  bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 1000000000000000),
  balance_minor bigint NOT NULL,          -- of the book's first account, after this row
  resolves      int,
  reverses      int,
  bundle        uuid,
  key           text,                     -- the Idempotency-Key, on the first row of a command
  request_hash  bytea,
  words_hash    bytea,                    -- SHA-256(salt ‖ words), or null without words
  prev_hash     bytea NOT NULL CHECK (length(prev_hash) = 32),
  hash          bytea NOT NULL CHECK (length(hash) = 32),
  at            timestamptz NOT NULL,
  PRIMARY KEY (book_id, seq),
  CHECK ((key IS NULL) = (request_hash IS NULL)),
  CHECK (resolves < seq AND reverses < seq)
);
-- At most one row answers another, and at most one posted row undoes another.
CREATE UNIQUE INDEX transactions_resolves ON transactions (book_id, resolves) WHERE resolves IS NOT NULL;
CREATE UNIQUE INDEX transactions_reverses ON transactions (book_id, reverses)
  WHERE reverses IS NOT NULL AND status = 'posted';
-- One effect per book, caller and key.
CREATE UNIQUE INDEX transactions_key ON transactions (book_id, entered_by, key) WHERE key IS NOT NULL;

CREATE TABLE postings (
  book_id      uuid NOT NULL,
  seq          int  NOT NULL,
  no           smallint NOT NULL,
  debit        smallint NOT NULL,
  credit       smallint NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 1000000000000000),
  PRIMARY KEY (book_id, seq, no),
  CHECK (debit <> credit)
);

-- Words are personal data and may be erased; the chain holds only their salted hash.
CREATE TABLE transaction_words (
  book_id uuid NOT NULL,
  seq     int  NOT NULL,
  salt    bytea NOT NULL CHECK (length(salt) = 16),
  note    text,
  reason  text,
  suggested_minor bigint,                 -- what the one who declined says it should be
  PRIMARY KEY (book_id, seq)
);

CREATE TABLE debt_words (
  book_id     uuid PRIMARY KEY,
  description text NOT NULL,
  due_on      date
);

-- Beside the heart: keyed by user, address or bundle.

CREATE TABLE memberships (
  user_id     uuid NOT NULL,
  created_at  timestamptz NOT NULL,
  book_id     uuid NOT NULL,
  archived_at timestamptz,
  category    text,
  PRIMARY KEY (user_id, created_at, book_id)
);
CREATE UNIQUE INDEX memberships_book ON memberships (user_id, book_id);

-- Addresses that are asked to a book and belong to nobody yet.
CREATE TABLE waiting (
  address text NOT NULL,
  book_id uuid NOT NULL,
  PRIMARY KEY (address, book_id)
);

CREATE TABLE bundles (
  id      uuid NOT NULL,
  book_id uuid NOT NULL,
  seq     int  NOT NULL,
  PRIMARY KEY (id, book_id, seq)
);

GRANT SELECT, INSERT ON transactions, postings, bundles TO quits_expenses;
GRANT SELECT, INSERT, UPDATE ON books, participants, accounts TO quits_expenses;
GRANT SELECT, INSERT, UPDATE, DELETE ON transaction_words, debt_words, memberships, waiting
  TO quits_expenses;

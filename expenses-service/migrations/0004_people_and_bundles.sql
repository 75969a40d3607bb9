-- What one person allows or forbids another: standing consent to their entries, or a block. Keyed by
-- the one who decides; beside the heart.
CREATE TABLE relations (
  user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  towards_id     uuid NOT NULL,
  consent        text NOT NULL DEFAULT 'ask' CHECK (consent IN ('ask', 'upTo', 'always')),
  up_to_minor    bigint CHECK (up_to_minor BETWEEN 1 AND 1000000000000000),
  up_to_currency text CHECK (up_to_currency ~ '^[A-Z]{3}$'),
  blocked        boolean NOT NULL DEFAULT false,
  PRIMARY KEY (user_id, towards_id),
  CHECK (user_id <> towards_id),
  CHECK ((consent = 'upTo') = (up_to_minor IS NOT NULL)),
  CHECK ((consent = 'upTo') = (up_to_currency IS NOT NULL))
);

-- The Idempotency-Key of a payment, which belongs to no single book. Written with the payment's rows.
CREATE TABLE payment_keys (
  user_id      uuid  NOT NULL,
  key          text  NOT NULL,
  request_hash bytea NOT NULL,
  bundle       uuid  NOT NULL,
  at           timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);

GRANT SELECT, INSERT, UPDATE ON relations TO quits_expenses;
GRANT SELECT, INSERT ON payment_keys TO quits_expenses;

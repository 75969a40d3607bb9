-- People: accounts, addresses, codes, sessions. Nothing of the ledger points here, so the ledger can be
-- distributed by book while these stay together.

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  locale        text NOT NULL,
  role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
  password_hash text,
  activated_at  timestamptz,
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now()
);

-- An address belongs to one person. `value` is in normal form, so that the key holds what people mean.
CREATE TABLE contacts (
  kind        text NOT NULL CHECK (kind IN ('email')),
  value       text NOT NULL,
  user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  verified_at timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, value)
);
CREATE INDEX contacts_of_user ON contacts (user_id);

-- One row per request for a code, known by the hash of the nonce that only the asker has. A request for
-- an address that may not have one writes a row too (without tries), so that both take the same time.
-- `name`, `locale` and `password_hash` are what a sign-up said: they count only if this very row is
-- verified. Rows outlive their code by a day: until then the sign-up can be told from no account.
CREATE TABLE codes (
  nonce_hash    bytea PRIMARY KEY,
  address       text NOT NULL,
  code_hash     bytea NOT NULL,
  tries_left    smallint NOT NULL,
  expires_at    timestamptz NOT NULL,
  used_at       timestamptz,
  name          text,
  locale        text,
  password_hash text,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX codes_sign_ups ON codes (address, created_at) WHERE name IS NOT NULL;
CREATE INDEX codes_age ON codes (created_at);

-- A session is a family of refresh tokens, of which one is current. Tokens are stored hashed; the
-- successor of a token is its HMAC under `secret`, so that a lost reply can be given again.
CREATE TABLE sessions (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  client        text NOT NULL CHECK (client IN ('browser', 'app')),
  device        text NOT NULL,
  secret        bytea NOT NULL,
  token_hash    bytea NOT NULL,
  previous_hash bytea,
  rotated_at    timestamptz NOT NULL DEFAULT now(),
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  revoked_at    timestamptz
);
CREATE INDEX sessions_of_user ON sessions (user_id, created_at DESC);
CREATE INDEX sessions_end ON sessions (expires_at);

-- Counters of rate-limiter-flexible, in the form it asks for. `expire` is Unix milliseconds and a
-- float, because the library calculates with it as a JavaScript number.
CREATE TABLE sign_in_limits (
  key    varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire double precision
);
CREATE INDEX sign_in_limits_end ON sign_in_limits (expire);

GRANT SELECT, INSERT, UPDATE, DELETE
  ON users, contacts, codes, sessions, sign_in_limits TO quits_expenses;

-- Invitations to the free seat of a debt, and whom somebody wrote to for the first time. Both beside
-- the heart: an invitation is found by the hash of its token, which follows from the request's key
-- (so the token's hash is also what one effect per book, caller and key rests on).

CREATE TABLE invitations (
  token_hash   bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  book_id      uuid NOT NULL,
  id           uuid NOT NULL,
  invited_by   uuid NOT NULL,
  request_hash bytea NOT NULL,
  address      text,                      -- where it was mailed; null for a bare link
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz,
  answer       text CHECK (answer IN ('accepted', 'declined')),
  answered_by  uuid,
  answered_at  timestamptz,
  UNIQUE (book_id, id),
  CHECK ((answer IS NULL) = (answered_by IS NULL))
);

-- `contact` is SHA-256 of the address.
CREATE TABLE first_contacts (
  user_id uuid NOT NULL,
  contact bytea NOT NULL CHECK (length(contact) = 32),
  at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, contact)
);
CREATE INDEX first_contacts_day ON first_contacts (user_id, at);

-- Whoever takes a seat by invitation takes it from the addresses that wait for it.
CREATE INDEX waiting_book ON waiting (book_id);

GRANT SELECT, INSERT, UPDATE ON invitations TO quits_expenses;
GRANT SELECT, INSERT ON first_contacts TO quits_expenses;

-- The mailer's own memory: which jobs it has sent, and whom it must not write to.
-- No address is kept in clear: a send knows only its job, a suppression only a hash.

-- Roles belong to the whole server: another database's migration may make it in this moment.
DO $$
BEGIN
  CREATE ROLE quits_mailer NOLOGIN;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE TABLE mail.sends (
  job_id         uuid PRIMARY KEY,
  template       text NOT NULL,
  status         text NOT NULL
                 CHECK (status IN ('claimed', 'sent', 'failed', 'expired', 'suppressed')),
  -- Why it failed: the name of a fault, never what a person wrote.
  reason         text,
  attempts       integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  ses_message_id text,
  claimed_at     timestamptz NOT NULL DEFAULT now(),
  sent_at        timestamptz,
  CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);

-- The sweep removes the oldest first.
CREATE INDEX sends_claimed_at ON mail.sends (claimed_at);

CREATE TABLE mail.suppressions (
  -- SHA-256 of the address in lower case.
  address_hash bytea PRIMARY KEY CHECK (length(address_hash) = 32),
  reason       text NOT NULL CHECK (reason IN ('bounce', 'complaint', 'operator')),
  at           timestamptz NOT NULL DEFAULT now()
);

GRANT USAGE ON SCHEMA mail TO quits_mailer;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail.sends TO quits_mailer;
GRANT SELECT, INSERT ON mail.suppressions TO quits_mailer;

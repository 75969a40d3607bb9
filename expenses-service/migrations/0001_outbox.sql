-- The outbox: what must reach Kafka (events) and RabbitMQ (jobs), written in the same transaction as
-- the rows it speaks of. Each table has one relay, which deletes a row after the broker's ack.

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quits_expenses') THEN
    CREATE ROLE quits_expenses NOLOGIN;
  END IF;
END $$;

GRANT USAGE ON SCHEMA public TO quits_expenses;

-- `id` is taken while the key's row lock is held (a book's or a user's), so per key the order of ids is
-- the order of commits. No relay ever asks for "id > last": a slow transaction's lower id would be skipped.
CREATE TABLE outbox_events (
  id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text  NOT NULL CHECK (topic IN ('books', 'users')),
  key   text  NOT NULL,
  event text  NOT NULL,
  at    timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE TABLE outbox_jobs (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job        text  NOT NULL,
  expires_at timestamptz NOT NULL,
  at         timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

GRANT SELECT, INSERT, DELETE ON outbox_events, outbox_jobs TO quits_expenses;

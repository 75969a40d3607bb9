-- When somebody blocked whom, from and until: what was written meanwhile made no event for them, and
-- that stays so when the block ends. `relations` says how it stands now. Of a block that began before this
-- table, nobody knows when.
CREATE TABLE blocks (
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  towards_id uuid NOT NULL,
  from_at    timestamptz NOT NULL,
  until_at   timestamptz CHECK (until_at > from_at),
  PRIMARY KEY (user_id, towards_id, from_at)
);
CREATE UNIQUE INDEX blocks_standing ON blocks (user_id, towards_id) WHERE until_at IS NULL;
INSERT INTO blocks (user_id, towards_id, from_at)
  SELECT user_id, towards_id, 'epoch' FROM relations WHERE blocked;

GRANT SELECT, INSERT, UPDATE ON blocks TO quits_expenses;

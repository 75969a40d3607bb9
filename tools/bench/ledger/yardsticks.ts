// What the ledger is held against, on the same Postgres: TPC-B, and the naive way to post an entry.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, withClient } from '../databases.ts'
import { initialise } from '../pgbench.ts'
import type { Program } from '../programs.ts'
import { makeSameWork } from './same-work.ts'

export interface Yardsticks {
  tpcb: { url: string; args: string[] }
  naive: { url: string; args: string[] }
  roundTrip: { url: string; args: string[] }
  sameWork: { url: string; args: string[] }
}

const tpcbScale = 50
const loans = 20_000

/** Databases beside the ledger's, filled; about half a minute. Nobody may be connected to the ledger's. */
export async function makeYardsticks(
  pgbench: Program,
  url: string,
  folder: string,
): Promise<Yardsticks> {
  mkdirSync(folder, { recursive: true })
  const tpcb = await createDatabase(url, 'bench_tpcb')
  const naive = await createDatabase(url, 'bench_naive')
  await initialise(pgbench, tpcb, ['-s', String(tpcbScale)])
  await withClient(naive, (client) => client.query(naiveSchema))
  const naiveFile = join(folder, 'naive.sql')
  writeFileSync(naiveFile, naivePost)
  const onceFile = join(folder, 'round-trip.sql')
  writeFileSync(onceFile, oneWrite)
  const [copy = '', sameWorkFile = ''] = await makeSameWork(url, folder)
  const many = ['-n', '-c', '16', '-j', '2']
  const single = ['-n', '-c', '1', '-j', '1', '-M', 'prepared']
  return {
    tpcb: { url: tpcb, args: [...many, '-M', 'prepared'] },
    naive: { url: naive, args: [...many, '-M', 'extended', '-f', naiveFile] },
    roundTrip: { url: naive, args: [...single, '-f', onceFile] },
    sameWork: { url: copy, args: [...single, '-f', sameWorkFile] },
  }
}

// Numeric money, serial keys, a statement at a time: how a service without a plan would do it.
const naiveSchema = `
  CREATE TABLE persons (id bigserial PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE,
    active boolean NOT NULL DEFAULT true);
  CREATE TABLE tokens (hash bytea PRIMARY KEY, person_id bigint NOT NULL REFERENCES persons,
    expires_at timestamptz NOT NULL, scope text NOT NULL);
  CREATE TABLE loans (id bigserial PRIMARY KEY, lender_id bigint NOT NULL REFERENCES persons,
    borrower_id bigint NOT NULL REFERENCES persons, category text NOT NULL,
    total numeric(10,2) NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(),
    version int NOT NULL DEFAULT 1);
  CREATE TABLE movements (id bigserial PRIMARY KEY, loan_id bigint NOT NULL REFERENCES loans,
    person_id bigint NOT NULL REFERENCES persons, amount numeric(10,2) NOT NULL,
    description text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON movements (loan_id);
  INSERT INTO persons (name, email)
    SELECT 'person ' || n, 'p' || n || '@example.test' FROM generate_series(1, ${loans}) n;
  INSERT INTO tokens SELECT sha256(convert_to('token ' || n, 'UTF8')), n, now() + interval '9 days',
    'authentication' FROM generate_series(1, ${loans}) n;
  INSERT INTO loans (lender_id, borrower_id, category)
    SELECT n % ${loans} + 1, n, 'loan ' || n FROM generate_series(1, ${loans}) n;
  CREATE TABLE once (id bigserial PRIMARY KEY, note text NOT NULL);
  ANALYZE;`

const naivePost = `\\set n random(1, ${loans})
SELECT p.id, p.name, p.email, p.active FROM persons p JOIN tokens t ON t.person_id = p.id WHERE t.hash = sha256(convert_to('token ' || :n, 'UTF8')) AND t.scope = 'authentication' AND t.expires_at > now();
SELECT id, lender_id, borrower_id, category, total, created_at, version FROM loans WHERE id = :n;
BEGIN;
INSERT INTO movements (loan_id, person_id, amount, description) VALUES (:n, :n, 12.50, 'coffee and cake') RETURNING id, created_at;
UPDATE loans SET total = total + 12.50 WHERE id = :n;
SELECT total FROM loans WHERE id = :n;
COMMIT;
SELECT name FROM persons WHERE id = :n;
`

// One durable write in one prepared round trip: the least an answer can wait for.
const oneWrite = `INSERT INTO once (note) VALUES ('x');
`

// What one answer is held against: the work of a POST as one function of the database, called by pgbench
// on one prepared round trip. It locks, authorises, looks for the key, chains, and writes the same rows.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, withClient } from '../databases.ts'
import { size } from './data.ts'

/** On a copy of the filled ledger, which nobody may be connected to meanwhile. */
export async function makeSameWork(url: string, folder: string): Promise<string[]> {
  const copy = await createDatabase(url, 'bench_same_work', { copyOf: url })
  await withClient(copy, (client) => client.query(postOnce))
  const file = join(folder, 'same-work.sql')
  writeFileSync(file, `\\set n random(1, ${size.debts})\nSELECT post_once(:n);\n`)
  return [copy, file]
}

const postOnce = `
  CREATE FUNCTION post_once(n int) RETURNS int LANGUAGE plpgsql AS $$
  DECLARE
    digest text := md5('debt ' || n);
    book uuid := substr(digest, 1, 8) || '-' || substr(digest, 9, 4) || '-8' || substr(digest, 14, 3)
      || '-8' || substr(digest, 18, 3) || '-' || substr(digest, 21, 12);
    person uuid := '00000000-0000-7000-8000-' || lpad(to_hex((n - 1) % ${size.people} + 1), 12, '0');
    used text := gen_random_uuid();
    made timestamptz := clock_timestamp();
    covered bytea;
    before books;
  BEGIN
    SELECT * INTO STRICT before FROM books WHERE book_id = book FOR NO KEY UPDATE;
    PERFORM FROM sessions WHERE id = person AND user_id = person AND revoked_at IS NULL
      AND expires_at > made;
    IF NOT FOUND THEN RAISE EXCEPTION 'not signed in'; END IF;
    PERFORM FROM participants WHERE book_id = book AND user_id = person;
    IF NOT FOUND THEN RAISE EXCEPTION 'not in the book'; END IF;
    PERFORM FROM transactions WHERE book_id = book AND entered_by = person AND key = used;
    IF FOUND THEN RETURN 0; END IF;
    covered := sha256(before.last_hash || convert_to(book || used, 'UTF8'));
    UPDATE books SET last_seq = last_seq + 1, last_hash = covered, version = version + 1,
      posted_minor = ARRAY[posted_minor[1] + 1250, posted_minor[2] - 1250]
    WHERE book_id = book;
    INSERT INTO transactions (book_id, seq, kind, status, entered_by, occurred_on, amount_minor,
      balance_minor, key, request_hash, words_hash, prev_hash, hash, at, postings)
    VALUES (book, before.last_seq + 1, 'advance', 'posted', person, made::date, 1250,
      before.posted_minor[1] + 1250, used, covered, covered, before.last_hash, covered, made,
      ARRAY[(1, 2, 1250)::posting_sides::posting]);
    INSERT INTO transaction_words (book_id, seq, salt, note)
    VALUES (book, before.last_seq + 1, uuid_send(gen_random_uuid()), 'coffee and cake');
    INSERT INTO outbox_batches (topic, count, keys, events)
    VALUES ('books', 1, book, repeat(digest, 24));
    RETURN before.last_seq + 1;
  END $$`

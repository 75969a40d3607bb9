-- Events wait in rows of at most a page (outbox/store.ts): such a row stands where it is, whole.
ALTER TABLE outbox_batches SET (toast_tuple_target = 8160);

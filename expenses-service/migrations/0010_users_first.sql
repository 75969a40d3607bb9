-- What concerns a person (a session that ended, an address verified) leaves before what waits about
-- books, however much that is (outbox/store.ts). Hardly any row of the outbox is of this kind.
CREATE INDEX outbox_batches_users ON outbox_batches (id) WHERE topic = 'users';

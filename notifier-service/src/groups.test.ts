import type { StoredNotification } from '@quits/proto/feed'
import { expect, test } from 'vitest'
import { groupOf, idsPerGroupMax, runsOf } from './groups.ts'

const debt = '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0010'
const item = (seq: number, other: Partial<StoredNotification> = {}): StoredNotification => ({
  seq,
  id: `${debt}:${seq}`,
  kind: 'transaction.posted',
  weight: 'alert',
  at: '2026-11-01T10:00:00.000Z',
  actor: 'ana',
  subject: { type: 'debt', id: debt },
  data: { balance: { minor: '1', currency: 'EUR' }, role: 'borrower', kind: 'repayment' },
  status: 'unseen',
  ...other,
})
const seqs = (runs: StoredNotification[][]) => runs.map((run) => run.map(({ seq }) => seq))

test('neighbours with one subject, act and actor are one run; whatever is between parts them', () => {
  const runs = runsOf([
    item(6),
    item(5),
    item(4, { actor: 'bo' }),
    item(3),
    item(2, { kind: 'transaction.proposed' }),
    item(1, { subject: { type: 'debt', id: 'another' } }),
  ])
  expect(seqs(runs)).toEqual([[6, 5], [4], [3], [2], [1]])
})

test('a line names all its notifications and is as unread as the least read of them', () => {
  const run = [item(3, { status: 'read' }), item(2), item(1, { status: 'seen' })]
  expect(groupOf(run)).toEqual({
    count: 3,
    ids: [`${debt}:3`, `${debt}:2`, `${debt}:1`],
    newest: run[0],
    status: 'unseen',
  })
})

test('a run never has more than one mark can name', () => {
  const many = Array.from({ length: 200 }, (_, index) => item(200 - index))
  const runs = runsOf(many)
  expect(runs.map((run) => run.length)).toEqual([idsPerGroupMax, idsPerGroupMax, 40])
  expect(runs.flat()).toEqual(many)
})

import { makeLog } from '@quits/kit/log'
import type { BookEvent } from '@quits/proto/books'
import type { Mute } from '@quits/proto/feed'
import { hoursOf } from '@quits/proto/journal'
import { expect, test } from 'vitest'
import { makeEvents } from '../test/events.ts'
import { makeTestFigures } from '../test/figures.ts'
import { noWish, type Wish } from './muting.ts'
import type { Draft } from './notifications.ts'
import { makeReconcile } from './reconcile.ts'
import { reconcileAll } from './reconcile-part.ts'

const people = {
  lender: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0001',
  borrower: '0b6f3a52-5d0e-4a53-8d0f-6a3b5b8f0002',
}
const { borrower } = people
const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

/** An empty feed beside a journal that has these events; each question for the wish has the next answer. */
const reconcileWith = (events: BookEvent[], ...wishes: Wish[]) => {
  const stored: Draft[] = []
  const reconcile = makeReconcile({
    store: { head: async () => ({ epoch: 1, seq: 0 }) },
    epochs: { async *rowsFrom() {} },
    journal: {
      read: async () => events,
      hours: async () => hoursOf(events.map(({ id, time }) => ({ id, atMs: Date.parse(time) }))),
    },
    append: async (drafts) => {
      stored.push(...drafts)
      return { rows: [], heads: new Map() }
    },
    rebuild: async () => ({ epoch: 2, rows: 0 }),
    settle: async () => {},
    preferences: { wishOf: async () => wishes.shift() ?? noWish },
    erasures: { removeRows: async () => 0 },
  })
  return { reconcile, stored }
}

test('what is mended rings no louder than its reader wants: mutes hold as they do for the first time', async () => {
  for (const isMuted of [true, false]) {
    const mutes: Mute[] = isMuted ? [{ type: 'person', id: people.lender }] : []
    const { reconcile, stored } = reconcileWith(makeEvents(people, 1), noWish, {
      mutes,
      isErased: false,
    })
    expect(await reconcile(borrower, always, { mend: true })).toMatchObject({ how: 'stored' })
    expect(stored).toMatchObject([
      isMuted
        ? { userId: borrower, status: 'read', content: { weight: 'silent', muted: true } }
        : { userId: borrower, status: 'unseen', content: { weight: 'alert' } },
    ])
  }
})

test('nothing is stored for a person whose account went while their feed was compared', async () => {
  const gone = { mutes: [], isErased: true }
  const { reconcile, stored } = reconcileWith(makeEvents(people, 1), noWish, gone)
  await reconcile(borrower, always, { mend: true })
  expect(stored).toEqual([])
})

/** One look at three feeds; the ones at `away` can't be compared, the others have a fault each. */
const lookAt = async (away: (userId: string) => boolean, readers = ['a', 'b', 'c']) => {
  const figures = makeTestFigures()
  figures.missing.set(7)
  const valueOf = async (name: 'missing' | 'uncompared') =>
    (await figures[name].get()).values[0]?.value
  const none = { hours: [], doubled: [], misnamed: [], holes: [] }
  await reconcileAll({
    journal: {
      async *readers() {
        yield* readers
        if (readers.length === 0) throw new Error('the journal is away')
      },
    },
    async reconcile(userId) {
      if (away(userId)) throw new Error('the journal is away')
      return { userId, ...none, missing: ['x:1'], how: 'stored' }
    },
    retentionDays: 90,
    figures,
    now: () => 0,
    log: makeLog({ service: 'test', level: 'silent' }),
    signal: new AbortController().signal,
  }).catch(() => undefined)
  return { missing: await valueOf('missing'), uncompared: await valueOf('uncompared') }
}

test('what could not be compared is a figure of its own, and not taken for healthy', async () => {
  expect(await lookAt(() => false)).toEqual({ missing: 3, uncompared: 0 })
  expect(await lookAt((userId) => userId === 'b')).toEqual({ missing: 7, uncompared: 1 })
  expect(await lookAt(() => true)).toEqual({ missing: 7, uncompared: 3 })
  expect(await lookAt(() => true, [])).toEqual({ missing: 7, uncompared: 1 })
})

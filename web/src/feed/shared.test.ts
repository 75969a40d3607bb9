import type { Counts, Notification } from '@quits/proto/feed'
import { expect, it } from 'vitest'
import type { FeedListener } from './feed.ts'
import { makeSharedFeed, type TabChannel, type TabMessage } from './shared.ts'

const notification = (seq: number) => ({ seq }) as Notification
const counts = (unseen: number): Counts => ({ unseen, unread: unseen })

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A browser with one lock and one channel; the feed of the tab that holds the lock is in hand. */
const makeBrowser = () => {
  const ears = new Set<(message: TabMessage) => void>()
  let last: Promise<unknown> = Promise.resolve()
  const holders: { name: string; told: FeedListener }[] = []

  const openTab = (name: string) => {
    const heard: string[] = []
    const listener: FeedListener = {
      events: (notifications, moreFollows) => {
        for (const { seq } of notifications) heard.push(`event ${seq}`)
        if (moreFollows) heard.push('more follows')
      },
      reload: () => heard.push('reload'),
      marked: () => heard.push('marked'),
      cutShort: () => heard.push('cut short'),
      counts: ({ unseen }) => heard.push(`counts ${unseen}`),
      live: (isLive) => heard.push(isLive ? 'live' : 'away'),
      late: (isLate) => heard.push(isLate ? 'late' : 'in time'),
    }
    const stop = new AbortController()
    const openChannel = (): TabChannel => {
      let own: ((message: TabMessage) => void) | undefined
      return {
        post: (message) => {
          for (const ear of ears) if (ear !== own) ear(message)
        },
        hear: (ear) => {
          own = ear
          ears.add(ear)
        },
        close: () => {
          if (own !== undefined) ears.delete(own)
        },
      }
    }
    const feed = makeSharedFeed(
      {
        openChannel,
        alone: (run, signal) => {
          const turn = last.then(() => (signal.aborted ? undefined : run()))
          last = turn
          return turn
        },
        makeFeed: (told) => ({
          run: (signal) => {
            holders.push({ name, told })
            return new Promise((resolve) => {
              signal.addEventListener('abort', () => resolve())
            })
          },
        }),
      },
      listener,
    )
    void feed.run(stop.signal)
    return { heard, close: () => stop.abort() }
  }
  return { openTab, holders }
}

it('runs one feed for two tabs, and tells both of them the same', async () => {
  const { openTab, holders } = makeBrowser()
  const first = openTab('first')
  const second = openTab('second')
  await settle()
  expect(holders.map(({ name }) => name)).toEqual(['first'])
  const told = holders[0]?.told
  told?.live(true)
  told?.events([notification(1)], false)
  told?.counts(counts(1))
  expect(first.heard).toEqual(['live', 'event 1', 'counts 1'])
  expect(second.heard).toEqual(first.heard)
})

it('tells a tab that comes later how things stand', async () => {
  const { openTab, holders } = makeBrowser()
  openTab('first')
  await settle()
  holders[0]?.told.counts(counts(3))
  holders[0]?.told.live(true)
  const later = openTab('later')
  await settle()
  expect(later.heard).toEqual(['counts 3', 'live'])
  holders[0]?.told.late(true)
  const last = openTab('last')
  await settle()
  expect(last.heard).toEqual(['counts 3', 'live', 'late'])
})

it('passes the feed on when its tab goes, and reads again what may have been lost between', async () => {
  const { openTab, holders } = makeBrowser()
  const first = openTab('first')
  const second = openTab('second')
  const third = openTab('third')
  await settle()
  holders[0]?.told.events([notification(1)], false)
  first.close()
  await settle()
  expect(holders.map(({ name }) => name)).toEqual(['first', 'second'])
  holders[1]?.told.events([notification(2)], true)
  expect(second.heard).toEqual(['event 1', 'reload', 'event 2', 'more follows'])
  expect(third.heard).toEqual(second.heard)
  expect(first.heard).toEqual(['event 1'])
})

it('never runs a feed for a tab that was closed while it waited', async () => {
  const { openTab, holders } = makeBrowser()
  const first = openTab('first')
  const second = openTab('second')
  await settle()
  second.close()
  first.close()
  await settle()
  expect(holders.map(({ name }) => name)).toEqual(['first'])
})

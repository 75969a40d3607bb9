import { expect, test } from 'vitest'
import type { Change } from './hints.ts'
import { makeMark } from './mark.ts'

/** A feed that a rebuild switches to another epoch, so often, each time right after a mark. */
const switchedAfterMark = (times: number) => {
  let epoch = 1
  const marked: number[] = []
  const told: Change[] = []
  const mark = makeMark({
    store: {
      head: async () => ({ epoch, seq: 9 }),
      epoch: async () => epoch,
    },
    inbox: {
      async mark(place) {
        marked.push(place.epoch)
        if (marked.length <= times) epoch += 1
      },
      counts: async (_, head) => ({ unseen: head.epoch, unread: head.epoch }),
    },
    tell: (_userId, change) => void told.push(change),
  })
  return { mark, marked, told }
}

test('a mark that meets a switch of the feed is made in the new epoch, too, and told once', async () => {
  const { mark, marked, told } = switchedAfterMark(1)
  expect(await mark('u', { upTo: 9 }, 'read')).toEqual({ unseen: 2, unread: 2 })
  expect(marked).toEqual([1, 2])
  expect(told).toEqual([{ upTo: 9, status: 'read' }])
})

test('a mark that stands where it was made is made once; a feed that never rests is an error', async () => {
  const calm = switchedAfterMark(0)
  await calm.mark('u', { ids: ['x:1'] }, 'seen')
  expect(calm.marked).toEqual([1])
  const restless = switchedAfterMark(99)
  await expect(restless.mark('u', { upTo: 1 }, 'read')).rejects.toThrow('switched')
  // Nothing of it is claimed; counts that are remembered are asked for again.
  expect(restless.told).toEqual([{ upTo: 0, status: 'seen' }])
})

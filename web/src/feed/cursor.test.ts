import { expect, it } from 'vitest'
import { makeCursors } from './cursor.ts'

it('never lets a tab that lags pull the shared place back', () => {
  const shelf = new Map<string, string>()
  const storage = {
    getItem: (name: string) => shelf.get(name) ?? null,
    setItem: (name: string, value: string) => void shelf.set(name, value),
  }
  const cursors = makeCursors(storage, 'u')
  cursors.save({ epoch: 1, seq: 9 })
  cursors.save({ epoch: 1, seq: 4 })
  expect(cursors.load()).toEqual({ epoch: 1, seq: 9 })
  cursors.save({ epoch: 2, seq: 1 })
  expect(cursors.load()).toEqual({ epoch: 2, seq: 1 })
})

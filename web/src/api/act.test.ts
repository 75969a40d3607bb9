import { expect, it } from 'vitest'
import { makeAct } from './act.ts'

const makeCounted = () => {
  let count = 0
  return makeAct(() => {
    count += 1
    return `key-${count}`
  })
}

it('keeps the key while the same submit is tried again', () => {
  const act = makeCounted()
  expect(act.keyFor({ minor: '4000' })).toBe('key-1')
  expect(act.keyFor({ minor: '4000' })).toBe('key-1')
})

it('takes a new key when the body changes, as that is another act', () => {
  const act = makeCounted()
  act.keyFor({ minor: '4000' })
  expect(act.keyFor({ minor: '5000' })).toBe('key-2')
})

it('takes a new key for an equal act after the first succeeded', () => {
  const act = makeCounted()
  act.keyFor({ minor: '4000' })
  act.done()
  expect(act.keyFor({ minor: '4000' })).toBe('key-2')
})

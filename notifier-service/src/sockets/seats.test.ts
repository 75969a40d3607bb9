import { expect, it } from 'vitest'
import { makeSeats } from './seats.ts'

it('is full at the limit of the process, and free again once somebody has left', () => {
  const seats = makeSeats({ seatsMax: 2, seatsPerAddressMax: 9 })
  const [first] = [seats.take('a'), seats.take('b')]
  expect(seats.isFull()).toBe(true)
  first?.leave()
  first?.leave()
  expect(seats.isFull()).toBe(false)
  seats.take('c')
  expect(seats.isFull()).toBe(true)
})

it('tells who comes from a crowded address, and counts the one that is refused until it left', () => {
  const seats = makeSeats({ seatsMax: 9, seatsPerAddressMax: 1 })
  const first = seats.take('a')
  const second = seats.take('a')
  expect([first.isCrowded, second.isCrowded, seats.take('b').isCrowded]).toEqual([
    false,
    true,
    false,
  ])
  first.leave()
  expect(seats.take('a').isCrowded).toBe(true)
})

import { expect, test } from 'vitest'
import { clientAddress } from './address.ts'

const socket = '10.0.0.1'

test('without trusted proxies only the socket counts', () => {
  expect(clientAddress(socket, '1.2.3.4', 0)).toBe(socket)
  expect(clientAddress(socket, undefined, 0)).toBe(socket)
})

test('with trusted proxies the client is counted from the right; the left is its own invention', () => {
  expect(clientAddress(socket, '6.6.6.6, 1.2.3.4', 1)).toBe('1.2.3.4')
  expect(clientAddress(socket, '6.6.6.6, 1.2.3.4, 10.0.0.9', 2)).toBe('1.2.3.4')
  expect(clientAddress(socket, '2001:db8::1', 1)).toBe('2001:db8::1')
})

test('a list that is too short or no list of addresses falls back to the socket', () => {
  expect(clientAddress(socket, '1.2.3.4', 2)).toBe(socket)
  expect(clientAddress(socket, 'localhost', 1)).toBe(socket)
  expect(clientAddress(socket, '', 1)).toBe(socket)
  expect(clientAddress(undefined, undefined, 1)).toBe('')
})

import { expect, test } from 'vitest'
import { networkOf } from './network.ts'

test('an IPv4 host stands for itself, however it is written', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7')
  expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(networkOf('::FFFF:c000:207')).toBe('192.0.2.7')
  expect(networkOf('0:0:0:0:0:ffff:c000:207')).toBe('192.0.2.7')
})

test('all hosts of one IPv6 /64 are one network, and the next /64 is another', () => {
  const network = '2001:db8:1:2::/64'
  expect(networkOf('2001:db8:1:2::1')).toBe(network)
  expect(networkOf('2001:0DB8:0001:0002:ffff:1:2:3')).toBe(network)
  expect(networkOf('2001:db8:1:2:ffff::192.0.2.7')).toBe(network)
  expect(networkOf('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
})

test('what is no address has no network', () => {
  for (const text of ['', '42', 'localhost', '1.2.3', '1.2.3.4, 5.6.7.8', '2001:db8::g', '::1::']) {
    expect(networkOf(text)).toBeUndefined()
  }
})

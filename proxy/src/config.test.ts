import { ConfigError } from '@quits/kit/config'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const env = {
  HTTP_PORT: '8080',
  METRICS_PORT: '9000',
  THROTTLER_ADDRESS: 'throttler:7000',
  EXPENSES_URL: 'http://expenses',
  NOTIFIER_URL: 'http://notifier-1, http://notifier-2',
  PUBLIC_URL: 'https://quits.test',
}

test('several notifiers are a list, and the door has two workers unless told otherwise', () => {
  expect(readConfig(env)).toMatchObject({
    NOTIFIER_URL: ['http://notifier-1', 'http://notifier-2'],
    WORKERS: 2,
  })
})

test.each([
  ['WORKERS', '0'],
  ['WORKERS', '1.5'],
  ['WORKERS', '65'],
  ['NOTIFIER_URL', 'http://notifier-1,,http://notifier-2'],
  ['NOTIFIER_URL', 'ftp://notifier'],
  ['CLIENT_STALL_MS', '0'],
])('%s=%s is refused by name', (name, value) => {
  const read = () => readConfig({ ...env, [name]: value })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(name)
})

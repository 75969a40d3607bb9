import { expect, it } from 'vitest'
import { readConfig } from './config.ts'

const env = {
  HTTP_PORT: '1',
  METRICS_PORT: '2',
  KAFKA_URL: 'localhost:9092',
  MONGO_URL: 'mongodb://localhost:1',
  REDIS_URL: 'redis://localhost:1',
  IDENTITY_ADDRESS: 'localhost:3',
  PUBLIC_URL: 'https://quits.test/app',
}

it('allows the front door’s own origin always and others by name', () => {
  expect([...readConfig(env).origins]).toEqual(['https://quits.test'])
  const more = readConfig({ ...env, ALLOWED_ORIGINS: 'https://a.test, https://b.test:8443/' })
  expect([...more.origins]).toEqual(['https://quits.test', 'https://a.test', 'https://b.test:8443'])
})

it.each([
  ['mongodb://localhost:1', 'quits'],
  ['mongodb://localhost:1/', 'quits'],
  ['mongodb://u:p@a:1,b:2/feeds?replicaSet=r', 'feeds'],
  ['mongodb://localhost:1/?directConnection=true', 'quits'],
])('%s names the database %s', (url, database) => {
  expect(readConfig({ ...env, MONGO_URL: url }).mongoDatabase).toBe(database)
})

it('names every fault at once', () => {
  const broken = { ...env, REDIS_URL: 'http://x', IDENTITY_ADDRESS: 'nowhere', PUBLIC_URL: '' }
  expect(() => readConfig(broken)).toThrow(/REDIS_URL[^]*IDENTITY_ADDRESS[^]*PUBLIC_URL/)
})

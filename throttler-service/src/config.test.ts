import { ConfigError } from '@quits/kit/config'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const good = {
  HTTP_PORT: '1',
  GRPC_PORT: '2',
  METRICS_PORT: '3',
  REDIS_URL: 'redis://:secret@127.0.0.1:6379/0',
  KAFKA_URL: '127.0.0.1:9092',
  IDENTITY_ADDRESS: '127.0.0.1:7000',
  JWKS_URL: 'http://127.0.0.1:7001/.well-known/jwks.json',
}

test('a full environment is read, with defaults for the rest', () => {
  expect(readConfig(good)).toMatchObject({
    HOST: '127.0.0.1',
    REPLICAS: 1,
    POLICY_FILE: 'throttler-service/policies.json',
  })
})

test('every fault is named at once, and no value is repeated', () => {
  const bad = { ...good, REDIS_URL: 'http://secret', IDENTITY_ADDRESS: 'nowhere', HTTP_PORT: '' }
  const reading = () => readConfig(bad)
  expect(reading).toThrow(ConfigError)
  expect(reading).toThrow(/HTTP_PORT[^]*REDIS_URL[^]*IDENTITY_ADDRESS/)
  expect(reading).not.toThrow(/secret/)
})

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const key = () => randomBytes(32).toString('base64url')

const good = {
  METRICS_PORT: '9100',
  HTTP_PORT: '3000',
  GRPC_PORT: '50051',
  INTERNAL_GRPC_PORT: '50052',
  POSTGRES_URL: 'postgres://quits@127.0.0.1/quits',
  KAFKA_URL: '127.0.0.1:9092,127.0.0.1:9093',
  RABBITMQ_URL: 'amqp://127.0.0.1',
  PUBLIC_URL: 'https://quits.test',
  QUITS_SECRET: key(),
  QUITS_SIGNING_KEYS: `${key()},${key()}`,
  QUITS_JOBS_KEY: key(),
}

test('a complete environment becomes a configuration with the defaults of the design', () => {
  const config = readConfig(good)
  expect(config).toMatchObject({
    NODE_ENV: 'production',
    QUITS_SIGNUP: 'open',
    ACCESS_TOKEN_SECONDS: 900,
    REFRESH_DAYS: 30,
    CODE_MINUTES: 10,
    KAFKA_URL: '127.0.0.1:9092,127.0.0.1:9093',
  })
  expect(config.QUITS_SIGNING_KEYS.map((seed) => seed.length)).toEqual([32, 32])
  expect(config.PUBLIC_URL.origin).toBe('https://quits.test')
})

test('every fault is named at once, and no secret is repeated', () => {
  const secret = 'short-secret'
  const broken = { ...good, QUITS_SECRET: secret, QUITS_JOBS_KEY: 'x', HTTP_PORT: '' }
  const failure = () => readConfig({ ...broken, PUBLIC_URL: 'https://quits.test/app' })
  expect(failure).toThrow(/HTTP_PORT: is missing/)
  expect(failure).toThrow(/PUBLIC_URL: must be an origin/)
  expect(failure).toThrow(/QUITS_SECRET: must have at least 32/)
  expect(failure).toThrow(/QUITS_JOBS_KEY: must be 32 bytes/)
  expect(failure).not.toThrow(secret)
})

test('three signing keys are one too many', () => {
  const QUITS_SIGNING_KEYS = [key(), key(), key()].join(',')
  expect(() => readConfig({ ...good, QUITS_SIGNING_KEYS })).toThrow(/QUITS_SIGNING_KEYS/)
})

const careless = {
  QUITS_SECRET: 'change-me-change-me-change-me-change-me',
  QUITS_SIGNING_KEYS: Buffer.alloc(32).toString('base64url'),
  QUITS_JOBS_KEY: Buffer.alloc(32, 7).toString('base64url'),
  PUBLIC_URL: 'http://quits.test',
}

for (const [name, value] of Object.entries(careless)) {
  test(`production refuses a careless ${name}, development takes it`, () => {
    const env = { ...good, [name]: value }
    expect(() => readConfig(env)).toThrow(new RegExp(name))
    expect(() => readConfig({ ...env, NODE_ENV: 'development' })).not.toThrow()
  })
}

test('production takes plain http on loopback, where no network can listen', () => {
  for (const PUBLIC_URL of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:80']) {
    expect(() => readConfig({ ...good, PUBLIC_URL })).not.toThrow()
  }
})

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { mailerConfig } from './config.ts'

const env = {
  METRICS_PORT: '0',
  POSTGRES_URL: 'postgres://quits_mailer@127.0.0.1/quits',
  RABBITMQ_URL: 'amqp://127.0.0.1',
  QUITS_JOBS_KEY: randomBytes(32).toString('base64url'),
}

test('what is left out has a stated default', () => {
  expect(mailerConfig(env)).toMatchObject({
    MAIL_FROM: 'quits@localhost.test',
    MAIL_PREFETCH: 16,
    SEND_PER_SECOND: 14,
    BROKER_PREFIX: 'quits',
  })
})

test.each(['ada@example.com', 'Quits <ada@example.com>'])('mail may come from %s', (from) => {
  expect(mailerConfig({ ...env, MAIL_FROM: from }).MAIL_FROM).toBe(from)
})

test('every fault is named at once', () => {
  const broken = { MAIL_FROM: 'a@b\r\nBcc: c@d', QUITS_JOBS_KEY: 'short', SEND_PER_SECOND: '0' }
  const read = () => mailerConfig(broken)
  for (const name of [...Object.keys(broken), 'POSTGRES_URL', 'RABBITMQ_URL', 'METRICS_PORT']) {
    expect(read).toThrow(name)
  }
})

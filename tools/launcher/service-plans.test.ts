import { describe, expect, it } from 'vitest'
import type { Addresses } from './addresses.ts'
import { planServices } from './service-plans.ts'

const listening = (from: number) => ({
  http: from,
  grpc: from + 1,
  metrics: from + 2,
  internalGrpc: from + 3,
})
const at: Addresses = {
  frontDoor: 'http://127.0.0.1:8080',
  expenses: listening(100),
  throttler: listening(200),
  mailer: listening(300),
  notifier: listening(400),
  proxy: listening(500),
}
const servers = {
  postgres: 'postgres://quits:top@127.0.0.1:5432/quits',
  redis: 'redis://r',
  rabbitmq: 'amqp://m',
  kafka: '127.0.0.1:9092',
  mongo: 'mongodb://m',
  ses: 'http://127.0.0.1:8025',
}
const plans = planServices({ at, servers, secrets: (name) => `secret-of-${name}`, env: {} })
const envOf = (name: string) => plans.find((plan) => plan.name === name)?.env ?? {}

describe('what services are told', () => {
  it('is where each listens, as ready.json says it too', () => {
    expect(plans.map(({ name, addresses }) => [name, addresses])).toEqual([
      [
        'expenses',
        {
          http: 'http://127.0.0.1:100',
          grpc: '127.0.0.1:101',
          internalGrpc: '127.0.0.1:103',
          metrics: 'http://127.0.0.1:102',
        },
      ],
      [
        'throttler',
        { http: 'http://127.0.0.1:200', grpc: '127.0.0.1:201', metrics: 'http://127.0.0.1:202' },
      ],
      ['mailer', { metrics: 'http://127.0.0.1:302' }],
      ['notifier', { http: 'http://127.0.0.1:400', metrics: 'http://127.0.0.1:402' }],
      ['proxy', { http: 'http://127.0.0.1:500', metrics: 'http://127.0.0.1:502' }],
    ])
  })

  it('is the port without tokens for those alone who ask without one', () => {
    expect(envOf('expenses')).toMatchObject({ GRPC_PORT: '101', INTERNAL_GRPC_PORT: '103' })
    for (const name of ['throttler', 'notifier']) {
      expect(envOf(name)['IDENTITY_ADDRESS']).toBe('127.0.0.1:103')
    }
    expect(JSON.stringify(envOf('proxy'))).not.toContain(':103')
  })

  it('never holds the password of the database superuser', () => {
    expect(JSON.stringify(plans)).not.toContain('top@')
    expect(envOf('expenses')['POSTGRES_URL']).toBe(
      'postgres://quits_expenses:secret-of-postgres-expenses@127.0.0.1:5432/quits',
    )
    expect(envOf('mailer')['POSTGRES_URL']).toContain('quits_mailer:')
  })

  it('is the same jobs key for the one who seals and the one who opens', () => {
    expect(envOf('expenses')['QUITS_JOBS_KEY']).toBe(envOf('mailer')['QUITS_JOBS_KEY'])
  })
})

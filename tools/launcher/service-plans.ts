// What each of the five services is told about its surroundings. Pure: addresses and secrets in,
// environments out.
import { join } from 'node:path'
import type { Addresses } from './addresses.ts'
import { local } from './addresses.ts'
import { repoDir } from './node-flags.ts'
import type { ServerName } from './part.ts'
import type { ServiceAddresses, ServiceName } from './ready.ts'
import type { Secrets } from './secrets.ts'

export interface ServicePlan {
  name: ServiceName
  /** The folder of the service in the repository. */
  folder: string
  env: Record<string, string>
  addresses: ServiceAddresses
  heapMb: number
}

export interface Told {
  at: Addresses
  servers: Record<ServerName, string>
  secrets: Secrets
  env: NodeJS.ProcessEnv
}

/** Roles that the migrations make and the launcher lets in. */
export const databaseRoles = { expenses: 'quits_expenses', mailer: 'quits_mailer' } as const
export type RoleOwner = keyof typeof databaseRoles

export const rolePassword = (secrets: Secrets, owner: RoleOwner) => secrets(`postgres-${owner}`)

/** The five services, in an order in which each finds the earlier ones. */
export function planServices(told: Told): ServicePlan[] {
  return [expenses(told), throttler(told), mailer(told), notifier(told), proxy(told)]
}

function expenses({ at, servers, secrets }: Told): ServicePlan {
  return plan('expenses', 'expenses-service', at, ['http', 'grpc', 'internalGrpc'], 192, {
    POSTGRES_URL: urlOfRole(servers.postgres, 'expenses', secrets),
    KAFKA_URL: servers.kafka,
    RABBITMQ_URL: servers.rabbitmq,
    PUBLIC_URL: at.frontDoor,
    QUITS_SECRET: secrets('quits-secret'),
    QUITS_SIGNING_KEYS: secrets('signing-key'),
    QUITS_JOBS_KEY: secrets('jobs-key'),
    QUITS_SIGNUP: 'open',
  })
}

function throttler({ at, servers }: Told): ServicePlan {
  return plan('throttler', 'throttler-service', at, ['http', 'grpc'], 128, {
    REDIS_URL: servers.redis,
    KAFKA_URL: servers.kafka,
    IDENTITY_ADDRESS: local(at.expenses.internalGrpc),
    JWKS_URL: `http://${local(at.expenses.http)}/.well-known/jwks.json`,
  })
}

function mailer({ at, servers, secrets, env }: Told): ServicePlan {
  return plan('mailer', 'mailer-service', at, [], 128, {
    POSTGRES_URL: urlOfRole(servers.postgres, 'mailer', secrets),
    RABBITMQ_URL: servers.rabbitmq,
    QUITS_JOBS_KEY: secrets('jobs-key'),
    SES_URL: servers.ses,
    AWS_REGION: env['AWS_REGION'] || 'eu-central-1',
    // The development inbox takes any key; a real one is passed on.
    AWS_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] || 'development',
    AWS_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'] || 'development',
  })
}

function notifier({ at, servers }: Told): ServicePlan {
  return plan('notifier', 'notifier-service', at, ['http'], 160, {
    KAFKA_URL: servers.kafka,
    MONGO_URL: servers.mongo,
    REDIS_URL: servers.redis,
    IDENTITY_ADDRESS: local(at.expenses.internalGrpc),
    PUBLIC_URL: at.frontDoor,
    // People type either name of this machine.
    ALLOWED_ORIGINS: at.frontDoor.replace('127.0.0.1', 'localhost'),
  })
}

function proxy({ at }: Told): ServicePlan {
  return plan('proxy', 'proxy', at, ['http'], 128, {
    THROTTLER_ADDRESS: local(at.throttler.grpc),
    EXPENSES_URL: `http://${local(at.expenses.http)}`,
    NOTIFIER_URL: `http://${local(at.notifier.http)}`,
    WEB_ROOT: join(repoDir, 'web', 'dist'),
    TRUSTED_HOPS: '0',
    PUBLIC_URL: at.frontDoor,
  })
}

function plan(
  name: ServiceName,
  folder: string,
  at: Addresses,
  listens: ('http' | 'grpc' | 'internalGrpc')[],
  heapMb: number,
  own: Record<string, string>,
): ServicePlan {
  const { http, grpc, internalGrpc, metrics } = at[name]
  const env: Record<string, string> = { NODE_ENV: 'development', HOST: '127.0.0.1' }
  const addresses: ServiceAddresses = { metrics: `http://${local(metrics)}` }
  env['METRICS_PORT'] = String(metrics)
  if (listens.includes('http')) {
    env['HTTP_PORT'] = String(http)
    addresses.http = `http://${local(http)}`
  }
  if (listens.includes('grpc')) {
    env['GRPC_PORT'] = String(grpc)
    addresses.grpc = local(grpc)
  }
  if (listens.includes('internalGrpc')) {
    env['INTERNAL_GRPC_PORT'] = String(internalGrpc)
    addresses.internalGrpc = local(internalGrpc)
  }
  return { name, folder, heapMb, addresses, env: { ...env, ...own } }
}

/** The administrator's address with a service's own role in it. */
export function urlOfRole(adminUrl: string, owner: RoleOwner, secrets: Secrets): string {
  const url = new URL(adminUrl)
  url.username = databaseRoles[owner]
  url.password = rolePassword(secrets, owner)
  return url.href
}

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ledgerContract } from '@quits/proto/ledger'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Route } from '../routing.ts'
import { ledgerRoutes } from './routes.ts'

const { file } = ledgerContract
const protoOf = (name: string) => readFileSync(join(dirname(file), name), 'utf8')
const service = readFileSync(file, 'utf8')
const messages = [protoOf('ledger-debts.proto'), protoOf('ledger-people.proto')]

/** Method → its request message. */
const requests = new Map(
  [...service.matchAll(/rpc (\w+)\((\w+)\)/g)].map(([, name, request]) => [name, request]),
)
const inCamelCase = (name: string) =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
/** Message → its fields, as proto-loader names them. */
const fields = new Map(
  [...messages.join('\n').matchAll(/^message (\w+) \{([^}]*)\}/gm)].map(([, name, body]) => [
    name,
    [...(body ?? '').matchAll(/(\w+) = \d+;/g)].map(([, field]) => inCamelCase(field ?? '')),
  ]),
)

/** The method that does what a route does. */
const methods: Record<string, string> = {
  'post /v1/debts': 'OpenDebt',
  'get /v1/debts': 'ListDebts',
  'get /v1/debts/:id': 'GetDebt',
  'patch /v1/debts/:id': 'ChangeDebt',
  'post /v1/debts/:id/accept': 'AnswerDebt',
  'post /v1/debts/:id/decline': 'AnswerDebt',
  'post /v1/debts/:id/withdraw': 'AnswerDebt',
  'post /v1/debts/:id/archive': 'ArchiveDebt',
  'post /v1/debts/:id/unarchive': 'UnarchiveDebt',
  'get /v1/debts/:id/proof': 'ReadProof',
  'get /v1/debts/:id/history.csv': 'ReadHistory',
  'get /v1/debts/:id/history.json': 'ReadHistory',
  'get /v1/debts/:id/transactions': 'ListEntries',
  'post /v1/debts/:id/transactions': 'EnterEntry',
  'get /v1/debts/:id/transactions/:seq': 'GetEntry',
  'post /v1/debts/:id/transactions/:seq/accept': 'AnswerEntry',
  'post /v1/debts/:id/transactions/:seq/decline': 'AnswerEntry',
  'post /v1/debts/:id/transactions/:seq/withdraw': 'AnswerEntry',
  'post /v1/debts/:id/transactions/:seq/reverse': 'ReverseEntry',
  'post /v1/debts/:id/transactions/:seq/amend': 'AmendEntry',
  'post /v1/debts/:id/invitations': 'Invite',
  'get /v1/debts/:id/invitations': 'ListInvitations',
  'delete /v1/debts/:id/invitations/:invitation': 'RevokeInvitation',
  'get /v1/invitations/:token': 'ShowInvitation',
  'post /v1/invitations/:token/accept': 'AcceptInvitation',
  'post /v1/invitations/:token/decline': 'DeclineInvitation',
  'get /v1/summary': 'GetSummary',
  'get /v1/people': 'ListPeople',
  'get /v1/people/:id': 'GetPerson',
  'get /v1/people/:id/transactions': 'ListTab',
  'post /v1/people/:id/payments': 'PayPerson',
  'put /v1/people/:id/consent': 'SetConsent',
  'put /v1/people/:id/block': 'SetBlock',
}

const nameOf = ({ method, path }: Route) => `${method} ${path}`
/** Pages are streams over gRPC. */
const ofPages = new Set(['limit', 'cursor'])
/** Fields that a message calls otherwise, or holds in a message of its own. */
const otherwise: Record<string, string> = {
  'AnswerDebt.amount': 'suggested',
  'AnswerEntry.amount': 'suggested',
  'SetConsent.mode': 'consent',
  'SetConsent.amount': 'consent',
}

/** What a body or a query may hold. */
const keysOf = (schema: z.ZodType | undefined): string[] => {
  if (schema === undefined) return []
  const { properties = {}, anyOf = [], oneOf = [] } = z.toJSONSchema(schema, { io: 'input' })
  return [properties, ...[...anyOf, ...oneOf].map((one) => one.properties ?? {})].flatMap((one) =>
    Object.keys(one),
  )
}

/** What HTTP takes and gRPC has no field for, or no method. */
const lacking = (routes: Route[]): string[] =>
  routes.flatMap((route) => {
    const method = methods[nameOf(route)] ?? ''
    const known = fields.get(requests.get(method))
    if (known === undefined) return [`${nameOf(route)} has no method`]
    const taken = [route.key === undefined ? [] : ['idempotencyKey'], keysOf(route.body)]
    return [...taken.flat(), ...keysOf(route.query)]
      .filter((key) => !ofPages.has(key))
      .map((key) => otherwise[`${method}.${key}`] ?? key)
      .filter((key) => !known.includes(key))
      .map((key) => `${method} has no ${key}`)
  })

test('whatever HTTP can do with debts, people and invitations, gRPC can, with every field of it', () => {
  const routes = ledgerRoutes({} as Parameters<typeof ledgerRoutes>[0])
  expect(lacking(routes)).toEqual([])
  expect(Object.keys(methods).toSorted()).toEqual(routes.map(nameOf).toSorted())
})

test('the check can fail: a new route, and a new field of an old one', () => {
  const routes = ledgerRoutes({} as Parameters<typeof ledgerRoutes>[0])
  const entering = routes.find((one) => nameOf(one) === 'post /v1/debts/:id/transactions')
  if (entering === undefined) throw new Error('no such route')
  const changed = { ...entering, body: z.strictObject({ kind: z.string(), colour: z.string() }) }
  expect(lacking([{ ...entering, path: '/v1/loans' }, changed])).toEqual([
    'post /v1/loans has no method',
    'EnterEntry has no colour',
  ])
})

// Every route × everybody who has no business there. What is not yours does not exist: the answer for
// it and the answer for nothing at all are the same, byte for byte.
import { randomUUID } from 'node:crypto'
import type { Call, Reply } from '../http-call.ts'
import { httpPolicies, type Policy, type Thing } from './policies.ts'
import type { Crowd, Stage } from './stage.ts'
import { nobodys } from './stage.ts'

export interface Attempts {
  count: number
  leaks: string[]
}

export interface Operation {
  method: string
  path: string
}

type Named = Extract<Policy, { names: unknown }>

/** The operations of an OpenAPI document. */
export function operationsOf(document: unknown): Operation[] {
  const { paths } = document as { paths: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
}

export const withoutPolicy = (operations: Operation[]): string[] =>
  operations.map(nameOf).filter((name) => httpPolicies[name] === undefined)

const nameOf = ({ method, path }: Operation) => `${method} ${path}`

/** Tries them all on one stage. */
export async function tryRoutes(
  call: Call,
  operations: Operation[],
  stage: Stage,
  crowd: Crowd,
): Promise<Attempts> {
  const attempts: Attempts = { count: 0, leaks: [] }
  for (const operation of operations) {
    const policy = httpPolicies[nameOf(operation)]
    if (policy === undefined || policy.access === 'public') continue
    await tryRoute({ call, operation, policy, stage, crowd, attempts })
  }
  return attempts
}

interface Trial {
  call: Call
  operation: Operation
  policy: Exclude<Policy, { access: 'public' }>
  stage: Stage
  crowd: Crowd
  attempts: Attempts
}

async function tryRoute(trial: Trial): Promise<void> {
  const { operation, policy, stage, crowd, attempts } = trial
  const where = nameOf(operation)
  const leak = (who: string, what: string) => attempts.leaks.push(`${where} to ${who}: ${what}`)
  const things = 'names' in policy ? stage.own : {}
  const open = policy.access === 'bearer' && policy.public === true
  for (const { name, token } of open ? [] : crowd.unknown) {
    const reply = await ask(trial, token, things)
    if (reply.status !== 401) leak(name, `answered ${reply.status}`)
    for (const canary of told(reply, stage)) leak(name, `told ${canary}`)
  }
  const { token } = crowd.stranger
  if (policy.access === 'own') {
    // What it would do to the stranger's own account is their affair; what it tells is not.
    if (operation.method === 'DELETE') return
    for (const canary of told(await ask(trial, token, {}), stage)) leak('a stranger', canary)
    return
  }
  if (policy.access === 'bearer') {
    const guessed = await ask(trial, token, nobodys())
    if (guessed.status !== 404) leak('whoever guesses', `answered ${guessed.status}`)
    return
  }
  const absent = await ask(trial, token, nobodys())
  const shapeless = await ask(trial, token, shapelessOf(policy))
  const foreign = [
    await ask(trial, token, things),
    // Somebody else's debt, and a row or an invitation that it does not have.
    await ask(trial, token, { ...nobodys(), debt: stage.own.debt, offered: stage.own.offered }),
  ]
  if (absent.status !== 404) leak('a stranger', `nothing at all answered ${absent.status}`)
  for (const reply of [...foreign, shapeless]) {
    if (reply.status !== absent.status || reply.text !== absent.text) {
      leak('a stranger', `${reply.status} ${reply.text.slice(0, 80)} differs from nothing at all`)
    }
    for (const canary of told(reply, stage)) leak('a stranger', `told ${canary}`)
  }
}

const shapelessOf = ({ names }: Named): Partial<Record<Thing, string>> =>
  Object.fromEntries(Object.values(names).map((thing) => [thing, 'none']))

const told = (reply: Reply, { canaries }: Stage) =>
  canaries.filter((canary) => reply.text.includes(canary))

async function ask(
  { call, operation, policy, attempts }: Trial,
  token: string | undefined,
  things: Partial<Record<Thing, string>>,
): Promise<Reply> {
  attempts.count += 1
  const path =
    'names' in policy
      ? operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
          const thing = policy.names[name]
          return (thing === undefined ? undefined : things[thing]) ?? 'none'
        })
      : operation.path
  const ending = await call({
    method: operation.method,
    path,
    token,
    headers: {
      'idempotency-key': randomUUID(),
      ...('ifMatch' in policy ? { 'if-match': '"1"' } : {}),
    },
    body: policy.body === undefined ? undefined : JSON.stringify(policy.body),
  })
  if ('broken' in ending) throw new Error(`${nameOf(operation)}: ${ending.broken}`)
  return ending.reply
}

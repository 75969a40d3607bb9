// Every method of the ledger over gRPC × the same crowd.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { makeGrpcClient } from '@quits/kit/grpc'
import { ledgerContract } from '@quits/proto/ledger'
import type { Attempts } from './http-matrix.ts'
import { type GrpcPolicy, grpcPolicies } from './policies.ts'
import type { Crowd, Stage } from './stage.ts'

const deadlineMs = 5_000
const unauthenticated = 16
const notFound = 5

/** The methods that the contract has, as its file says. */
export const methodsOfLedger = (): string[] =>
  [...readFileSync(ledgerContract.file, 'utf8').matchAll(/\brpc (\w+)/g)].map(
    ([, name]) => name ?? '',
  )

export const methodsWithoutPolicy = (methods: string[]): string[] =>
  methods.filter((method) => grpcPolicies[method] === undefined)

interface Answered {
  /** A gRPC status; 0 for an answer. */
  code: number
  text: string
}

/** The contract by name alone: here every request is just an object. */
interface AnyClient {
  call: (method: string, request: object, asking: object) => Promise<unknown>
  stream: (method: string, request: object, asking: object) => AsyncIterable<unknown>
}

/** Tries every method on one stage. */
export async function tryMethods(address: string, stage: Stage, crowd: Crowd): Promise<Attempts> {
  const attempts: Attempts = { count: 0, leaks: [] }
  const client = makeGrpcClient({ contract: ledgerContract, address })
  try {
    for (const [method, policy] of Object.entries(grpcPolicies)) {
      const ask = (token: string | undefined, debtId: string) => {
        attempts.count += 1
        return askOnce(client as unknown as AnyClient, method, policy, token, debtId)
      }
      await tryMethod(method, policy, ask, stage, crowd, attempts.leaks)
    }
  } finally {
    client.close()
  }
  return attempts
}

async function tryMethod(
  method: string,
  policy: GrpcPolicy,
  ask: (token: string | undefined, debtId: string) => Promise<Answered>,
  stage: Stage,
  crowd: Crowd,
  leaks: string[],
): Promise<void> {
  const told = (who: string, { text }: Answered) => {
    for (const canary of stage.canaries) {
      if (text.includes(canary)) leaks.push(`${method} to ${who}: told ${canary}`)
    }
  }
  for (const { name, token } of crowd.unknown) {
    const answered = await ask(token, stage.debt.id)
    // Of many at once each is refused by itself.
    const refused = answered.code === unauthenticated || answered.text.includes('unauthenticated')
    if (!refused) leaks.push(`${method} to ${name}: status ${answered.code}`)
    told(name, answered)
  }
  const absent = await ask(crowd.stranger.token, randomUUID())
  const foreign = await ask(crowd.stranger.token, stage.debt.id)
  told('a stranger', foreign)
  if (policy.access === 'own') return
  const expected = policy.access === 'party' ? notFound : 0
  if (absent.code !== expected || foreign.code !== expected || absent.text !== foreign.text) {
    leaks.push(`${method} to a stranger: ${foreign.code} differs from nothing at all`)
  }
}

async function askOnce(
  client: AnyClient,
  method: string,
  policy: GrpcPolicy,
  token: string | undefined,
  debtId: string,
): Promise<Answered> {
  const request = policy.access === 'own' ? policy.request : policy.requestOf(debtId, randomUUID())
  const metadata = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const asking = { deadlineMs, metadata }
  try {
    const answer =
      'stream' in policy
        ? await all(client.stream(method, request, asking))
        : await client.call(method, request, asking)
    return { code: 0, text: JSON.stringify(answer) }
  } catch (error) {
    const { code, details } = error as { code?: number; details?: string }
    if (code === undefined) throw error
    return { code, text: details ?? '' }
  }
}

async function all(messages: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const message of messages) found.push(message)
  return found
}

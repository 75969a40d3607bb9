// Every method of the ledger over gRPC × the same crowd.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { makeGrpcClient } from '@quits/kit/grpc'
import { ledgerContract } from '@quits/proto/ledger'
import { type GrpcPolicy, grpcPolicies } from './grpc-policies.ts'
import type { Attempts } from './http-matrix.ts'
import type { Thing } from './policies.ts'
import { type Crowd, nobodys, type Stage } from './stage.ts'

const deadlineMs = 5_000
const unauthenticated = 16
const notFound = 5

/** The methods that the contract has, as its file says. */
export const methodsOfLedger = (): string[] =>
  [...readFileSync(ledgerContract.file, 'utf8').matchAll(/\brpc (\w+)/g)].map(
    ([, name]) => name ?? '',
  )

export const methodsWithoutPolicy = (methods: string[]): string[] =>
  methods.filter((method) => !Object.hasOwn(grpcPolicies, method))

interface Answered {
  /** A gRPC status; 0 for an answer. */
  code: number
  /** The answer, or all that a refusal says. */
  text: string
}

/** The contract by name alone: here every request is just an object. */
interface AnyClient {
  call: (method: string, request: object, asking: object) => Promise<unknown>
  stream: (method: string, request: object, asking: object) => AsyncIterable<unknown>
}

type Ask = (token: string | undefined, things: Record<Thing, string>) => Promise<Answered>

/** Tries every method on one stage. With `tokenFor` a broken twin calls as somebody else. */
export async function tryMethods(
  address: string,
  stage: Stage,
  crowd: Crowd,
  tokenFor = (_method: string, token: string | undefined) => token,
): Promise<Attempts> {
  const attempts: Attempts = { count: 0, leaks: [] }
  const client = makeGrpcClient({ contract: ledgerContract, address })
  try {
    for (const [method, policy] of Object.entries(grpcPolicies)) {
      const ask: Ask = (token, things) => {
        attempts.count += 1
        const called = { method, policy, things, token: tokenFor(method, token) }
        return askOnce(client as unknown as AnyClient, called)
      }
      await tryMethod(method, policy, ask, stage, crowd, attempts.leaks)
    }
  } finally {
    client.close()
  }
  return attempts
}

/** How one method answers `token` about these things: a gRPC status. */
export async function statusFor(
  address: string,
  method: keyof typeof grpcPolicies,
  things: Record<Thing, string>,
  token: string,
): Promise<number> {
  const client = makeGrpcClient({ contract: ledgerContract, address })
  try {
    const called = { method, policy: grpcPolicies[method], things, token }
    return (await askOnce(client as unknown as AnyClient, called)).code
  } finally {
    client.close()
  }
}

async function tryMethod(
  method: string,
  policy: GrpcPolicy,
  ask: Ask,
  stage: Stage,
  crowd: Crowd,
  leaks: string[],
): Promise<void> {
  const told = (who: string, { text }: Answered) => {
    for (const canary of stage.canaries) {
      if (text.includes(canary)) leaks.push(`${method} to ${who}: told ${canary}`)
    }
  }
  const open = policy.access === 'bearer' && policy.public === true
  for (const { name, token } of open ? [] : crowd.unknown) {
    const answered = await ask(token, stage.own)
    // Of many at once each is refused by itself.
    const refused = answered.code === unauthenticated || answered.text.includes('unauthenticated')
    if (!refused) leaks.push(`${method} to ${name}: status ${answered.code}`)
    told(name, answered)
  }
  const { token } = crowd.stranger
  const absent = await ask(token, nobodys())
  if (policy.access === 'bearer') {
    if (absent.code !== notFound) leaks.push(`${method} to whoever guesses: ${absent.code}`)
    return
  }
  // Somebody else's debt, too, with a row or an invitation that it does not have.
  const { debt, offered } = stage.own
  const things = [stage.own, { ...nobodys(), debt, offered }]
  for (const foreign of await Promise.all(things.map((own) => ask(token, own)))) {
    told('a stranger', foreign)
    if (policy.access === 'own') continue
    const expected = policy.access === 'party' ? notFound : 0
    if (absent.code !== expected || foreign.code !== expected || absent.text !== foreign.text) {
      leaks.push(`${method} to a stranger: ${foreign.code} differs from nothing at all`)
    }
  }
  // The things are there: a matrix of things that nobody has would prove nothing.
  if (policy.access !== 'party' || policy.reads !== true) return
  const { code } = await ask(stage.debt.lender.token, stage.own)
  if (code !== 0) leaks.push(`${method} to a party: status ${code}`)
}

interface Called {
  method: string
  policy: GrpcPolicy
  things: Record<Thing, string>
  token: string | undefined
}

async function askOnce(client: AnyClient, called: Called): Promise<Answered> {
  const { method, policy, things, token } = called
  const request = policy.requestOf(things, randomUUID())
  const metadata = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const asking = { deadlineMs, metadata }
  try {
    const answer =
      policy.stream === true
        ? await all(client.stream(method, request, asking))
        : await client.call(method, request, asking)
    return { code: 0, text: JSON.stringify(answer) }
  } catch (error) {
    const { code, details, metadata: trailer } = error as Refused
    if (code === undefined) throw error
    const problem = trailer?.get('quits-problem-bin').join(' ') ?? ''
    return { code, text: `${details ?? ''} ${problem}` }
  }
}

interface Refused {
  code?: number
  details?: string
  metadata?: { get: (name: string) => (string | Buffer)[] }
}

async function all(messages: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const message of messages) found.push(message)
  return found
}

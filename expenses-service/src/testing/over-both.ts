/** The same command over HTTP and over gRPC, for tests that the two are one. */
import type { Member } from './ledger-client.ts'
import type { Reply, TestService } from './service.ts'

export interface Twins {
  who: Member
  path: string
  body: object
  overGrpc(key: string): Promise<{ replayed: boolean }>
  /** What the two answers have in common when they are the same thing. */
  same(http: Reply['body']): object
}

/** A command over HTTP. */
export const overHttp = (
  service: TestService,
  { who, path, body }: Pick<Twins, 'who' | 'path' | 'body'>,
  key: string,
) =>
  service.ask('POST', path, {
    token: who.accessToken,
    headers: { 'idempotency-key': key },
    body,
  })

/** Without what says nothing: null, and the names that proto-loader adds for `optional` fields. */
export const spoken = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(spoken)
  if (typeof value !== 'object' || value === null) return value
  const said = Object.entries(value).filter(([name, one]) => one !== null && !name.startsWith('_'))
  return Object.fromEntries(said.map(([name, one]) => [name, spoken(one)]))
}

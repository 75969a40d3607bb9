import { expect, it } from 'vitest'
import { makeClient } from './client.ts'
import { ApiProblem } from './problem.ts'
import { makeSession } from './session.ts'

const ana = { id: 'u-ana', name: 'Ana', email: 'ana@example.test' }
const startMs = Date.parse('2026-05-03T10:00:00Z')

interface Seen {
  path: string
  bearer: string | null
  key: string | null
}

/** A server of one closure: answers what `answer` says and remembers what it was asked. */
const makeDoor = (answer: (seen: Seen, count: number) => Response | Error) => {
  const seen: Seen[] = []
  let turn = Promise.resolve<unknown>(undefined)
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers)
    const path = input instanceof Request ? input.url : input.toString()
    const bearer = headers.get('authorization')
    seen.push({ path, bearer, key: headers.get('idempotency-key') })
    const result = answer({ path, bearer, key: null }, seen.length)
    if (result instanceof Error) throw result
    return result
  }
  const session = makeSession({
    fetch,
    now: () => startMs,
    takeTurns: (run) => {
      const mine = turn.then(run)
      turn = mine.catch(() => undefined)
      return mine
    },
  })
  return { seen, session, client: makeClient({ fetch, session }) }
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
const token = (accessToken: string, lifeMs = 900_000) =>
  json({ accessToken, expiresAt: new Date(startMs + lifeMs).toISOString(), user: ana })

it('opens the session from the cookie when the page starts', async () => {
  const { session } = makeDoor(() => token('t1'))
  await session.start()
  expect(session.state()).toEqual({ status: 'in', user: ana })
})

it('is signed out when the cookie is refused', async () => {
  const { session } = makeDoor(() => json({ code: 'unauthenticated' }, 401))
  await session.start()
  expect(session.state()).toEqual({ status: 'out' })
})

it('says unreachable, not signed out, when no answer comes or the server is full', async () => {
  for (const answer of [new TypeError('network'), json({ code: 'overloaded' }, 503)]) {
    const { session } = makeDoor(() => answer)
    await session.start()
    expect(session.state()).toEqual({ status: 'unreachable' })
  }
})

it('refreshes once after a 401 and sends the call again with the same key', async () => {
  const { client, session, seen } = makeDoor(({ path, bearer }) => {
    if (path === '/v1/auth/refresh') return token('t2')
    return bearer === 'Bearer t2' ? json({ ok: true }) : json({ code: 'unauthenticated' }, 401)
  })
  session.open((await token('t1').json()) as Parameters<typeof session.open>[0])
  const answer = await client.call('/v1/debts', { method: 'POST', body: {}, key: 'k1' })
  expect(answer).toEqual({ ok: true })
  expect(seen.map(({ path }) => path)).toEqual(['/v1/debts', '/v1/auth/refresh', '/v1/debts'])
  expect(seen.map(({ key }) => key)).toEqual(['k1', null, 'k1'])
})

it('refreshes before it sends a token that is about to end', async () => {
  const { client, session, seen } = makeDoor(({ path }) =>
    path === '/v1/auth/refresh' ? token('t2') : json({}),
  )
  session.open((await token('t1', 5_000).json()) as Parameters<typeof session.open>[0])
  await client.call('/v1/summary')
  expect(seen.map(({ bearer }) => bearer)).toEqual([null, 'Bearer t2'])
})

it('shares one refresh among calls that need it at the same time', async () => {
  const { client, session, seen } = makeDoor(({ path }) =>
    path === '/v1/auth/refresh' ? token('t2') : json({}),
  )
  session.open((await token('t1', 0).json()) as Parameters<typeof session.open>[0])
  await Promise.all([client.call('/v1/summary'), client.call('/v1/debts')])
  expect(seen.filter(({ path }) => path === '/v1/auth/refresh')).toHaveLength(1)
})

it('turns a problem document into an error with its code and members', async () => {
  const { client, session } = makeDoor(() =>
    json({ code: 'overpayment', remaining: { minor: '4350', currency: 'EUR' } }, 422),
  )
  session.open((await token('t1').json()) as Parameters<typeof session.open>[0])
  const refusal = client.call('/v1/debts/d/transactions', { method: 'POST', body: {} })
  await expect(refusal).rejects.toSatisfy(
    (error) =>
      error instanceof ApiProblem &&
      error.status === 422 &&
      error.code === 'overpayment' &&
      JSON.stringify(error.members['remaining']) === '{"minor":"4350","currency":"EUR"}',
  )
})

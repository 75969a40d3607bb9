import { status } from '@grpc/grpc-js'
import { makeGrpcClient } from '@quits/kit/grpc'
import { identityContract } from '@quits/proto/grpc'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let client: ReturnType<typeof makeGrpcClient<Methods>>
type Methods = NonNullable<typeof identityContract.methods>

beforeAll(async () => {
  service = await startTestService()
  client = makeGrpcClient({ contract: identityContract, address: service.internalGrpcAddress })
})
afterAll(async () => {
  client.close()
  await service.stop()
})

const identify = async (tokens: string[]) =>
  (await client.call('Identify', { tokens }, { deadlineMs: 5_000 })).identities

const nobody = {
  known: false,
  userId: '',
  activated: false,
  sessionId: '',
  expiresAtMs: '0',
  role: '',
}

test('many tokens are identified in their order, junk among them', async () => {
  const [ana, bo] = [await service.signUp('Ana'), await service.signUp('Bo')]
  const found = await identify([bo.accessToken, 'junk', ana.accessToken, '', bo.accessToken])
  expect(found).toMatchObject([{ userId: bo.id }, nobody, { userId: ana.id }, nobody, found[0]])
  expect(found[2]).toMatchObject({ known: true, activated: true, role: 'user' })
  expect(found[2]?.sessionId).not.toBe(found[0]?.sessionId)
  expect(Number(found[0]?.expiresAtMs)).toBeGreaterThan(Date.now())
})

test('one query answers for all, and junk alone asks the database nothing', async () => {
  const users = [await service.signUp('Cy'), await service.signUp('Di')]
  const tokens = users.map(({ accessToken }) => accessToken)
  expect(await service.statementsOf(() => identify(tokens))).toEqual(['session-live'])
  expect(await service.statementsOf(() => identify(['junk', 'x.y.z']))).toEqual([])
})

test('a session that ended is nobody at once, though its token was verified before', async () => {
  const user = await service.signUp('Ed')
  expect(await identify([user.accessToken])).toMatchObject([{ known: true }])
  await service.ask('POST', '/v1/auth/logout', { token: user.accessToken })
  expect(await identify([user.accessToken])).toEqual([nobody])
})

test('twin: a session that is not ended stays known', async () => {
  const [out, stays] = [await service.signUp('Flo'), await service.signUp('Gus')]
  await service.ask('POST', '/v1/auth/logout', { token: out.accessToken })
  expect(await identify([stays.accessToken])).toMatchObject([{ known: true, userId: stays.id }])
})

test('256 tokens are answered, 257 are refused', async () => {
  const junk = (length: number) => Array.from({ length }, (_, index) => `junk-${index}`)
  expect(await identify(junk(256))).toHaveLength(256)
  await expect(identify(junk(257))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT })
})

test('the keys that others verify by are published', async () => {
  const answer = await service.ask('GET', '/.well-known/jwks.json')
  expect(answer.body).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }] })
})

import { expect, test } from 'vitest'
import { RefusalError } from './problems.ts'
import { makeCaller } from './request.ts'

/** Whoever is asked about, answered with a pass. */
const makeScene = () => {
  const asked: string[] = []
  const caller = makeCaller({
    async identify(token) {
      asked.push(token)
      return { userId: 'u', sessionId: 's', expiresAtMs: 1 }
    },
  })
  const call = (authorization?: string) =>
    caller({ headers: authorization === undefined ? {} : { authorization } }, { fresh: false })
  return { asked, call }
}

test.each(['Bearer a.b-c', 'bearer a.b-c', 'BEARER   a.b-c'])(
  'the token of %j is asked about',
  async (authorization) => {
    const { asked, call } = makeScene()
    expect(await call(authorization)).toMatchObject({ userId: 'u' })
    expect(asked).toEqual(['a.b-c'])
  },
)

test.each([
  ['no header', undefined],
  ['an empty header', ''],
  ['a scheme alone', 'Bearer '],
  ['another scheme', 'Basic a.b'],
  ['what is no token', 'Bearer a"b'],
  ['a token far too long', `Bearer ${'a'.repeat(2_048)}`],
])('%s is refused, and the authority is not asked', async (_, authorization) => {
  const { asked, call } = makeScene()
  await expect(call(authorization)).rejects.toThrow(RefusalError)
  expect(asked).toEqual([])
})

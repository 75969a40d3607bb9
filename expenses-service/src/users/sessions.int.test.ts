import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestService, type TestService } from '../testing/service.ts'
import { sweep } from './sweeper.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

const refresh = (refreshToken: unknown) =>
  service.ask('POST', '/v1/auth/refresh', { body: { refreshToken } })

const me = (token: unknown) => service.ask('GET', '/v1/auth/me', { token: String(token) })

/** As if the last rotation had been so long ago. */
const ageRotations = (userId: string, seconds: number) =>
  service.admin.query(
    'UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => $2) WHERE user_id = $1',
    [userId, seconds],
  )

const revocations = async (userId: string) => {
  const { rows } = await service.admin.query(
    `SELECT 1 FROM outbox_events WHERE key = $1 AND event LIKE '%session.revoked.v1%'`,
    [userId],
  )
  return rows.length
}

describe('refreshing', () => {
  test('each use gives new tokens, until the session is signed out', async () => {
    const user = await service.signUp('Ana')
    const second = await refresh(user.refreshToken)
    expect(second.status).toBe(200)
    expect(second.body['refreshToken']).not.toBe(user.refreshToken)
    const third = await refresh(second.body['refreshToken'])
    const { accessToken, refreshToken } = third.body
    expect((await me(accessToken)).body).toMatchObject({ id: user.id, email: user.email })
    const out = await service.ask('POST', '/v1/auth/logout', { body: { refreshToken } })
    expect(out.status).toBe(204)
    expect((await me(accessToken)).body['code']).toBe('unauthenticated')
    expect((await refresh(refreshToken)).status).toBe(401)
    expect(await revocations(user.id)).toBe(1)
  })

  test('a lost reply is given again: the same successor within ten seconds', async () => {
    const user = await service.signUp('Bo')
    const lost = await refresh(user.refreshToken)
    await ageRotations(user.id, 8)
    const again = await refresh(user.refreshToken)
    expect(again.body['refreshToken']).toBe(lost.body['refreshToken'])
    expect((await refresh(again.body['refreshToken'])).status).toBe(200)
  })

  test('two devices of one cookie at once both go on', async () => {
    const user = await service.signUp('Cy')
    const both = await Promise.all([refresh(user.refreshToken), refresh(user.refreshToken)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(both[0]?.body['refreshToken']).toBe(both[1]?.body['refreshToken'])
  })

  test('after ten seconds the replaced token ends the session for everybody', async () => {
    const user = await service.signUp('Di')
    const next = await refresh(user.refreshToken)
    await ageRotations(user.id, 11)
    expect((await refresh(user.refreshToken)).status).toBe(401)
    expect((await refresh(next.body['refreshToken'])).status).toBe(401)
    expect((await me(next.body['accessToken'])).status).toBe(401)
    expect(await revocations(user.id)).toBe(1)
  })

  test('an older generation ends the session at once', async () => {
    const user = await service.signUp('Ed')
    const second = await refresh(user.refreshToken)
    const third = await refresh(second.body['refreshToken'])
    expect((await refresh(user.refreshToken)).status).toBe(401)
    expect((await refresh(third.body['refreshToken'])).status).toBe(401)
  })

  test('twin: made-up tokens with the id of a session end nothing', async () => {
    const user = await service.signUp('Flo')
    const bytes = Buffer.from(user.refreshToken, 'base64url')
    randomBytes(32).copy(bytes, 16)
    expect((await refresh(bytes.toString('base64url'))).status).toBe(401)
    expect((await refresh('junk')).status).toBe(401)
    expect((await refresh(user.refreshToken)).status).toBe(200)
    expect(await revocations(user.id)).toBe(0)
  })

  test('an unused session ends, and no session outlives its longest life', async () => {
    const user = await service.signUp('Gus')
    await service.admin.query(
      `UPDATE sessions SET created_at = created_at - interval '360 days' WHERE user_id = $1`,
      [user.id],
    )
    const next = await refresh(user.refreshToken)
    const { rows } = await service.admin.query<{ days: number }>(
      `SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days
       FROM sessions WHERE user_id = $1`,
      [user.id],
    )
    expect(rows).toEqual([{ days: 5 }])
    await service.admin.query('UPDATE sessions SET expires_at = now() WHERE user_id = $1', [
      user.id,
    ])
    expect((await refresh(next.body['refreshToken'])).status).toBe(401)
    expect((await me(next.body['accessToken'])).status).toBe(401)
  })

  test('the table holds no token', async () => {
    const user = await service.signUp('Hal')
    const secret = Buffer.from(user.refreshToken, 'base64url').subarray(16, 48)
    const { rows } = await service.admin.query('SELECT s.*::text AS row FROM sessions s')
    expect(JSON.stringify(rows)).not.toContain(secret.toString('hex'))
  })
})

describe('browsers', () => {
  const signInByBrowser = async () => {
    const user = await service.signUp('Ida', 'correct horse')
    const answer = await service.ask('POST', '/v1/auth/login', {
      body: { email: user.email, password: 'correct horse' },
    })
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
    return { answer, cookie }
  }

  const byCookie = (path: string, cookie: string, headers: Record<string, string> = {}) =>
    service.ask('POST', path, { headers: { cookie, ...headers } })

  test('keep the refresh token in a cookie no script reads, and get none in the body', async () => {
    const { answer, cookie } = await signInByBrowser()
    expect(answer.body['refreshToken']).toBeUndefined()
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict$/)
    expect(cookie).toMatch(/^quits-refresh-8080=[\w-]{86}$/)
    const next = await byCookie('/v1/auth/refresh', cookie, { origin: service.publicUrl })
    expect(next.status).toBe(200)
    expect(next.body['refreshToken']).toBeUndefined()
    const [nextCookie = ''] = (next.headers.get('set-cookie') ?? '').split(';')
    const out = await byCookie('/v1/auth/logout', nextCookie)
    expect(out.headers.get('set-cookie')).toMatch(/^quits-refresh-8080=; Max-Age=0;/)
    expect((await byCookie('/v1/auth/refresh', nextCookie)).status).toBe(401)
  })

  test('twin: another site can neither refresh nor sign out', async () => {
    const { cookie } = await signInByBrowser()
    for (const headers of [{ origin: 'https://evil.test' }, { 'sec-fetch-site': 'cross-site' }]) {
      for (const path of ['/v1/auth/refresh', '/v1/auth/logout']) {
        const answer = await byCookie(path, cookie, headers)
        expect(answer).toMatchObject({ status: 403, body: { code: 'wrong_origin' } })
      }
    }
    expect((await byCookie('/v1/auth/refresh', cookie)).status).toBe(200)
  })

  test('twin: a form of another site, which sends no cookie, cannot make the browser forget it', async () => {
    const answer = await service.ask('POST', '/v1/auth/logout', {
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(answer).toMatchObject({ status: 403, body: { code: 'wrong_origin' } })
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  test('apps get the token in the body, and no cookie', async () => {
    const { refreshToken } = await service.signUp('Jo')
    const answer = await refresh(refreshToken)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })
})

describe('devices', () => {
  const remove = (id: string, token: string) =>
    service.ask('DELETE', `/v1/auth/sessions/${id}`, { token })

  test('are listed newest first, and each can be signed out', async () => {
    const user = await service.signUp('Kim', 'correct horse')
    const other = await service.ask('POST', '/v1/auth/login', {
      body: { email: user.email, password: 'correct horse', client: 'app' },
      headers: { 'user-agent': 'Phone' },
    })
    const token = user.accessToken
    const listed = await service.ask('GET', '/v1/auth/sessions', { token })
    const items = listed.body['items'] as { id: string; device: string; current: boolean }[]
    expect(items.map(({ current }) => current)).toEqual([false, true])
    expect(items[0]?.device).toBe('Phone')
    const phone = items[0]?.id ?? ''
    expect((await remove(phone, token)).status).toBe(204)
    expect((await me(other.body['accessToken'])).status).toBe(401)
    expect((await remove(phone, token)).status).toBe(404)
  })

  test("twin: somebody else's device is the same 404 as none", async () => {
    const [mine, theirs] = [await service.signUp('Lea'), await service.signUp('Max')]
    const caller = await me(theirs.accessToken)
    const ids = [String(caller.body['sessionId']), randomUUID(), 'no-uuid']
    const answers = await Promise.all(ids.map((id) => remove(id, mine.accessToken)))
    expect(
      new Set(answers.map((answer) => JSON.stringify([answer.status, answer.body]))).size,
    ).toBe(1)
    expect(answers[0]?.status).toBe(404)
    expect((await me(theirs.accessToken)).status).toBe(200)
  })
})

describe('the profile', () => {
  const path = '/v1/users/me'

  test('changes at the version that was read, and at no other', async () => {
    const { accessToken: token } = await service.signUp('Ned')
    const read = await service.ask('GET', path, { token })
    const etag = read.headers.get('etag') ?? ''
    expect(etag).toBe(`"${String(read.body['version'])}"`)
    const change = (headers: Record<string, string>) =>
      service.ask('PATCH', path, { token, headers, body: { name: 'Nedda', locale: 'pt-BR' } })
    expect((await change({})).status).toBe(428)
    expect((await change({ 'if-match': etag })).body).toMatchObject({ name: 'Nedda', version: 2 })
    const stale = await change({ 'if-match': etag })
    expect(stale).toMatchObject({ status: 412, body: { code: 'version_conflict', version: 2 } })
    expect((await change({ 'if-match': 'W/"2"' })).status).toBe(412)
  })

  test('a new password needs the present one and ends every other session', async () => {
    const user = await service.signUp('Ola', 'correct horse')
    const token = user.accessToken
    const login = (password: string) =>
      service.ask('POST', '/v1/auth/login', {
        body: { email: user.email, password, client: 'app' },
      })
    const other = await login('correct horse')
    const change = (body: unknown) => service.ask('PUT', `${path}/password`, { token, body })
    expect((await change({ password: 'battery staple' })).status).toBe(401)
    expect((await change({ password: 'battery staple', current: 'wrong' })).status).toBe(401)
    expect((await me(other.body['accessToken'])).status).toBe(200)
    const done = await change({ password: 'battery staple', current: 'correct horse' })
    expect(done.status).toBe(204)
    expect((await me(token)).status).toBe(200)
    expect((await me(other.body['accessToken'])).status).toBe(401)
    expect((await login('correct horse')).status).toBe(401)
    expect((await login('battery staple')).status).toBe(200)
  })

  test('nobody reads it without a session', async () => {
    for (const token of ['', 'junk']) {
      const answer = await service.ask('GET', path, { token })
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    }
  })
})

describe('what is over', () => {
  test('is forgotten a day later, and what lives stays', async () => {
    const [gone, alive] = [await service.signUp('Pia'), await service.signUp('Quin')]
    await service.admin.query(
      `UPDATE sessions SET expires_at = now() - interval '25 hours' WHERE user_id = $1`,
      [gone.id],
    )
    await service.admin.query(
      `UPDATE codes SET created_at = created_at - interval '25 hours' WHERE address = $1`,
      [gone.email],
    )
    await sweep(service.pool, new AbortController().signal)
    const left = async (sql: string) =>
      (await service.admin.query(sql, [[gone.id, alive.id, gone.email, alive.email]])).rows
    expect(await left('SELECT user_id FROM sessions WHERE user_id::text = ANY($1)')).toEqual([
      { user_id: alive.id },
    ])
    expect(await left('SELECT address FROM codes WHERE address = ANY($1)')).toEqual([
      { address: alive.email },
    ])
    expect((await me(alive.accessToken)).status).toBe(200)
  })
})

import { randomUUID } from 'node:crypto'
import { parseUserEvent } from '@quits/proto/users'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestService, type TestService } from '../testing/service.ts'
import { namesOf, userOfAddress } from './people.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

const newEmail = () => `person-${randomUUID()}@example.test`
const password = 'correct horse'

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  service.ask('POST', path, { body, headers })

const verify = (email: string, code: string | undefined, nonce: unknown) =>
  post('/v1/auth/codes/verify', { email, code, nonce, client: 'app' })

const wrongCodeFor = (code: string | undefined) => (code === '00000000' ? '11111111' : '00000000')

const eventsOf = async (userId: string) => {
  const { rows } = await service.admin.query<{ event: string }>(
    `SELECT event FROM outbox_events WHERE topic = 'users' AND key = $1 ORDER BY id, no`,
    [userId],
  )
  return rows.map(({ event }) => parseUserEvent(event))
}

describe('signing up', () => {
  test('from the form to a session: code by mail, address verified, events told', async () => {
    const email = newEmail()
    const asked = await post('/v1/users', { name: 'Ana', email: email.toUpperCase(), password })
    expect(asked.status).toBe(202)
    expect(Object.keys(asked.body)).toEqual(['nonce'])
    expect(await userOfAddress(service.pool, email)).toBeUndefined()

    const [mail] = await service.mailsTo(email)
    const verified = await verify(email, mail?.code, asked.body['nonce'])
    expect(verified.status).toBe(200)
    expect(verified.body).toMatchObject({
      user: { name: 'Ana', email, locale: 'en', role: 'user', activated: true },
    })
    const { id } = verified.body['user'] as { id: string }
    expect(await userOfAddress(service.pool, ` ${email.toUpperCase()} `)).toBe(id)
    expect(await namesOf(service.pool, [id, id, randomUUID()])).toEqual(new Map([[id, 'Ana']]))
    expect(await eventsOf(id)).toMatchObject([
      { event: { type: 'user.registered.v1', data: { userId: id } } },
      { event: { type: 'user.activated.v1' } },
      { event: { type: 'session.started.v1' } },
    ])
    expect((await post('/v1/auth/login', { email, password })).status).toBe(200)
  })

  test('an address with an account gets the same answer, and its owner a mail', async () => {
    const { email } = await service.signUp('Bo')
    const fresh = await post('/v1/users', { name: 'Eve', email: newEmail(), password })
    const known = await post('/v1/users', { name: 'Eve', email, password })
    expect(shapeOf(known)).toEqual(shapeOf(fresh))
    const [mail] = await service.mailsTo(email)
    expect(mail).toEqual({ template: 'account-exists', name: 'Bo', code: '' })
    expect((await verify(email, '00000000', known.body['nonce'])).status).toBe(401)
    expect((await post('/v1/auth/login', { email, password })).status).toBe(401)
  })

  test('a password counts only for the request that gave it', async () => {
    const email = newEmail()
    const thief = await post('/v1/users', { name: 'Eve', email, password: 'password of eve' })
    const owner = await post('/v1/users', { name: 'Cy', email, password })
    const [ownersMail, thiefsMail] = await service.mailsTo(email)
    expect((await verify(email, thiefsMail?.code, owner.body['nonce'])).status).toBe(401)
    const verified = await verify(email, ownersMail?.code, owner.body['nonce'])
    expect(verified.body).toMatchObject({ user: { name: 'Cy' } })
    const stolen = { email, password: 'password of eve' }
    expect((await post('/v1/auth/login', stolen)).body['code']).toBe('wrong_credentials')
    expect((await post('/v1/auth/login', { email, password })).status).toBe(200)
    expect(thief.status).toBe(202)
  })

  test('a code asked for again keeps the name and drops the password', async () => {
    const email = newEmail()
    await post('/v1/users', { name: 'Di', email, password })
    const again = await post('/v1/auth/codes', { email })
    const [mail] = await service.mailsTo(email)
    const verified = await verify(email, mail?.code, again.body['nonce'])
    expect(verified.body).toMatchObject({ user: { name: 'Di' } })
    expect((await post('/v1/auth/login', { email, password })).body['code']).toBe(
      'wrong_credentials',
    )
  })

  test('two codes of one address verified at once make one person', async () => {
    const email = newEmail()
    const first = await post('/v1/users', { name: 'Ed', email })
    const second = await post('/v1/users', { name: 'Ed', email })
    const [secondMail, firstMail] = await service.mailsTo(email)
    const both = await Promise.all([
      verify(email, firstMail?.code, first.body['nonce']),
      verify(email, secondMail?.code, second.body['nonce']),
    ])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    const ids = new Set(both.map(({ body }) => (body['user'] as { id: string }).id))
    expect(ids.size).toBe(1)
  })

  test('what cannot be a person is refused before any work', async () => {
    const email = newEmail()
    const refused = [
      { name: 'Ana', email: 'no address' },
      { name: '', email },
      { name: 'Ana\nBcc: all', email },
      { name: 'Ana', email, password: 'short' },
      { name: 'Ana', email, password: 'x'.repeat(129) },
      { name: 'Ana', email, role: 'admin' },
    ]
    for (const body of refused) expect((await post('/v1/users', body)).status).toBe(422)
    expect(await service.mailsTo(email)).toEqual([])
  })
})

describe('codes', () => {
  test('five wrong tries kill a code; a sixth, right one finds it dead', async () => {
    const { email } = await service.signUp('Flo')
    const { body } = await post('/v1/auth/codes', { email })
    const [mail] = await service.mailsTo(email)
    const answers = []
    for (let attempt = 0; attempt < 5; attempt += 1) {
      answers.push(await verify(email, wrongCodeFor(mail?.code), body['nonce']))
    }
    answers.push(await verify(email, mail?.code, body['nonce']))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers[5]).toMatchObject({ status: 401, body: { code: 'wrong_code' } })
  })

  test('twin: with four wrong tries the right one still opens', async () => {
    const { email } = await service.signUp('Gus')
    const { body } = await post('/v1/auth/codes', { email })
    const [mail] = await service.mailsTo(email)
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await verify(email, wrongCodeFor(mail?.code), body['nonce'])
    }
    expect((await verify(email, mail?.code, body['nonce'])).status).toBe(200)
  })

  test('a stranger without the nonce cannot burn it, whatever they try', async () => {
    const { email } = await service.signUp('Hal')
    const { body } = await post('/v1/auth/codes', { email })
    const [mail] = await service.mailsTo(email)
    const strangers = await post('/v1/auth/codes', { email }, { 'x-forwarded-for': '192.0.2.9' })
    for (const nonce of ['guess', strangers.body['nonce'], 'guess', 'guess', 'guess', 'guess']) {
      expect((await verify(email, mail?.code, nonce)).status).toBe(401)
    }
    expect((await verify(email, mail?.code, body['nonce'])).status).toBe(200)
  })

  test('a code works once', async () => {
    const { email } = await service.signUp('Ida')
    const { body } = await post('/v1/auth/codes', { email })
    const [mail] = await service.mailsTo(email)
    const both = await Promise.all([
      verify(email, mail?.code, body['nonce']),
      verify(email, mail?.code, body['nonce']),
    ])
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 401]))
  })

  test('a code that is too old opens nothing; twin: a minute earlier it did', async () => {
    const { email } = await service.signUp('Jo')
    const aged = async (minutes: number) => {
      const { body } = await post('/v1/auth/codes', { email })
      const [mail] = await service.mailsTo(email)
      await service.admin.query(
        `UPDATE codes SET expires_at = expires_at - make_interval(mins => $1)
         WHERE address = $2 AND used_at IS NULL`,
        [minutes, email],
      )
      return verify(email, mail?.code, body['nonce'])
    }
    expect((await aged(9)).status).toBe(200)
    expect(await aged(10)).toMatchObject({ status: 401, body: { code: 'wrong_code' } })
  })

  test('the table holds neither codes nor nonces', async () => {
    const { email } = await service.signUp('Kim')
    const { body } = await post('/v1/auth/codes', { email })
    const [mail] = await service.mailsTo(email)
    const { rows } = await service.admin.query('SELECT c.*::text AS row FROM codes c')
    const stored = JSON.stringify(rows)
    expect(stored).not.toContain(mail?.code)
    expect(stored).not.toContain(Buffer.from(String(body['nonce'])).toString('hex'))
  })
})

describe('known and unknown addresses', () => {
  test('a code for nobody is answered like a code for somebody, and mails nobody', async () => {
    const { email } = await service.signUp('Lea')
    const unknown = newEmail()
    const answers = [
      await post('/v1/auth/codes', { email }),
      await post('/v1/auth/codes', { email: unknown }),
    ]
    const [toKnown, toUnknown] = answers.map(shapeOf)
    expect(toUnknown).toEqual(toKnown)
    expect(await service.mailsTo(unknown)).toEqual([])
    const nonce = answers[1]?.body['nonce']
    const wrong = await verify(unknown, '00000000', nonce)
    expect(shapeOf(wrong)).toEqual(shapeOf(await verify(email, '00000000', 'guess')))
  })

  test('the same statements run for both', async () => {
    const { email } = await service.signUp('Max', password)
    const known = await service.statementsOf(() => post('/v1/auth/codes', { email }))
    const unknown = await service.statementsOf(() => post('/v1/auth/codes', { email: newEmail() }))
    expect(unknown.slice(0, -2)).toEqual(known.slice(0, -2))
    expect(known.slice(-2)).toEqual(['RELEASE letter', 'COMMIT'])
    expect(unknown.slice(-2)).toEqual(['ROLLBACK TO SAVEPOINT letter', 'COMMIT'])

    const signUp = (address: string) => post('/v1/users', { name: 'Eve', email: address, password })
    const taken = await service.statementsOf(() => signUp(email))
    const free = await service.statementsOf(() => signUp(newEmail()))
    expect(taken).toEqual(free)

    const login = (address: string) => post('/v1/auth/login', { email: address, password: 'wrong' })
    const somebody = await service.statementsOf(() => login(email))
    const nobody = await service.statementsOf(() => login(newEmail()))
    expect(nobody).toEqual(somebody)
  })

  test('twin: a path that does more for somebody shows in its statements', async () => {
    const { email } = await service.signUp('Ned', password)
    const right = await service.statementsOf(() => post('/v1/auth/login', { email, password }))
    const wrong = await service.statementsOf(() =>
      post('/v1/auth/login', { email, password: 'wrong' }),
    )
    expect(right).not.toEqual(wrong)
  })
})

describe('passwords', () => {
  test('only the right password of an open sign-up learns that the code is missing', async () => {
    const email = newEmail()
    await post('/v1/users', { name: 'Ola', email, password })
    const right = await post('/v1/auth/login', { email, password })
    expect(right).toMatchObject({ status: 403, body: { code: 'account_not_activated' } })
    const wrong = await post('/v1/auth/login', { email, password: 'wrong horse' })
    const nobody = await post('/v1/auth/login', { email: newEmail(), password })
    expect(shapeOf(wrong)).toEqual(shapeOf(nobody))
    expect(wrong.body['code']).toBe('wrong_credentials')
  })

  test('an account without a password has none to guess', async () => {
    const { email } = await service.signUp('Pia')
    const answer = await post('/v1/auth/login', { email, password })
    expect(answer.body['code']).toBe('wrong_credentials')
  })
})

/** All that an asker can tell two answers apart by, but for the random part. */
const shapeOf = (reply: { status: number; headers: Headers; body: Record<string, unknown> }) => ({
  status: reply.status,
  headers: [...reply.headers].filter(([name]) => name !== 'date'),
  body: 'nonce' in reply.body ? String(reply.body['nonce']).length : reply.body,
})

/**
 * Asking for a code, to sign up or to sign in. Whoever asks learns a nonce and nothing else: known
 * and unknown addresses run the same statements, one after the other, and differ in no answer.
 */
import { randomBytes, randomInt, randomUUIDv7 } from 'node:crypto'
import { type Connection, inTransaction, type Pool } from '@quits/kit/postgres'
import { seal } from '@quits/kit/seal'
import type { MailJob } from '@quits/proto/jobs'
import { ledgerError } from '../errors.ts'
import { addJobs } from '../outbox/store.ts'
import { insertCode } from './code-store.ts'
import { codeHash, codesCount, codeText, codeTriesMax, nonceHash } from './codes.ts'
import type { Guards } from './guards.ts'
import { type Letter, letterOf, type SignUp } from './letters.ts'
import type { Passwords } from './passwords.ts'
import { readAddressee } from './user-store.ts'

const nonceBytes = 32

export interface CodeRequest {
  email: string
  /** The asker's network address. */
  address: string
}

export interface SignUpRequest extends CodeRequest {
  name: string
  locale: string
  password: string | undefined
}

export type RequestCode = ReturnType<typeof makeRequestCode>

export const makeRequestCode = (options: {
  pool: Pool
  guards: Guards
  passwords: Passwords
  codeKey: Buffer
  jobsKey: Buffer
  codeMinutes: number
  signUps: 'open' | 'invite' | 'closed'
  wakeRelays: () => void
}) => {
  const { pool, guards, passwords, codeKey, jobsKey } = options

  const issue = async (email: string, asked: SignUp | undefined): Promise<{ nonce: string }> => {
    const nonce = randomBytes(nonceBytes).toString('base64url')
    const code = codeText(randomInt(codesCount))
    const expiresAt = new Date(Date.now() + options.codeMinutes * 60_000)
    await inTransaction(pool, async (connection) => {
      const letter = letterOf(asked, await readAddressee(connection, email))
      await insertCode(connection, {
        nonceHash: nonceHash(nonce),
        address: email,
        codeHash: codeHash(codeKey, { nonce, address: email, code }),
        triesLeft: letter.template === 'code' ? codeTriesMax : 0,
        expiresAt,
        name: letter.signUp?.name ?? null,
        locale: letter.signUp?.locale ?? null,
        passwordHash: letter.signUp?.passwordHash ?? null,
      })
      await addLetter(connection, letter, jobOf(letter, { email, code, expiresAt, jobsKey }))
    })
    options.wakeRelays()
    return { nonce }
  }

  return {
    /** Mails a code that makes the account, or says in the mail that there is one. */
    async signUp(request: SignUpRequest): Promise<{ nonce: string }> {
      if (options.signUps !== 'open') throw ledgerError('signup_closed')
      await guards.code(request.email, request.address)
      const { name, locale, password } = request
      const passwordHash = password === undefined ? null : await passwords.hash(password)
      return issue(request.email, { name, locale, passwordHash })
    },
    /** Mails a code to an address that is known here. */
    async signIn(request: CodeRequest): Promise<{ nonce: string }> {
      await guards.code(request.email, request.address)
      return issue(request.email, undefined)
    },
  }
}

const jobOf = (
  letter: Letter,
  made: { email: string; code: string; expiresAt: Date; jobsKey: Buffer },
): MailJob => {
  const id = randomUUIDv7()
  const sealed = seal(made.jobsKey, id, { code: made.code })
  const common = {
    id,
    channel: 'mail' as const,
    locale: letter.locale,
    to: { address: made.email, name: letter.name },
    expiresAt: made.expiresAt.toISOString(),
  }
  return letter.template === 'account-exists'
    ? { ...common, template: letter.template }
    : { ...common, template: 'code', sealed }
}

// A letter to nobody is written and taken back: it costs what a real one costs, and leaves nothing.
const addLetter = async (connection: Connection, letter: Letter, job: MailJob) => {
  await connection.query('SAVEPOINT letter')
  await addJobs(connection, [job])
  const end = letter.template === 'none' ? 'ROLLBACK TO SAVEPOINT letter' : 'RELEASE letter'
  await connection.query(end)
}

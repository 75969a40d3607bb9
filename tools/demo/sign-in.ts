// A person of the story at the front door: by password when the account is there, else by signing
// up, else by a code. What is mailed is read in the development inbox, as a person would.
import { z } from 'zod'
import type { Person } from './acts.ts'
import { type Ask, DemoFailure, expectAnswer, type Wait } from './front-door.ts'

/** For everybody in the story: it runs on a developer's machine and holds nobody's secrets. */
export const demoPassword = 'nobody-owes-anybody'

export interface Letter {
  id: string
  text: string
}

/** What was mailed to an address, newest first. */
export type LettersTo = (email: string) => Promise<Letter[]>

export interface Entrance {
  ask: Ask
  lettersTo: LettersTo
  wait: Wait
}

/** Access tokens by e-mail address. */
export type Tokens = ReadonlyMap<string, string>

const noncePart = z.object({ nonce: z.string() })
const sessionPart = z.object({ accessToken: z.string() })

/**
 * Signs everybody in. Attempts to sign in are few per minute, so the first person finds out whether
 * this is the first time, and the others begin with what worked.
 */
export async function signInAll(
  people: Person[],
  entrance: Entrance,
  onArrival: (person: Person) => void,
): Promise<Tokens> {
  const tokens = new Map<string, string>()
  const arrive = async (person: Person, ways: Way[]) => {
    const [token, way] = await signIn(person, ways, entrance)
    tokens.set(person.email, token)
    onArrival(person)
    return way
  }
  const [first, ...others] = people
  if (first === undefined) return tokens
  const worked = await arrive(first, [byPassword, bySignUp, byCode])
  const rest = [byPassword, bySignUp, byCode].filter((way) => way !== worked)
  const arrivals = await Promise.allSettled(
    others.map((person) => arrive(person, [worked, ...rest])),
  )
  for (const arrival of arrivals) if (arrival.status === 'rejected') throw arrival.reason
  return tokens
}

/** An access token, or undefined when this is not the way for this person. */
type Way = (person: Person, entrance: Entrance) => Promise<string | undefined>

async function signIn(person: Person, ways: Way[], entrance: Entrance): Promise<[string, Way]> {
  for (const way of ways) {
    const token = await way(person, entrance)
    if (token !== undefined) return [token, way]
  }
  throw new DemoFailure(`${person.email} cannot sign in: neither the password nor a code works`)
}

const byPassword: Way = async ({ email }, { ask }) => {
  const body = { email, password: demoPassword, client: 'app' }
  const reply = await ask('POST', '/v1/auth/login', { body })
  if (reply.status === 401 || reply.status === 403) return undefined
  return expectAnswer(sessionPart, reply, `signing in as ${email}`).accessToken
}

/** The mail has no code when the account exists already; then this is not the way. */
const bySignUp: Way = async ({ name, email }, entrance) =>
  byLetter('/v1/users', { name, email, password: demoPassword }, entrance)

const byCode: Way = async ({ email }, entrance) => byLetter('/v1/auth/codes', { email }, entrance)

async function byLetter(
  path: string,
  body: { email: string; name?: string; password?: string },
  { ask, lettersTo, wait }: Entrance,
): Promise<string | undefined> {
  const { email } = body
  const before = new Set((await lettersTo(email)).map(({ id }) => id))
  const asked = await ask('POST', path, { body })
  const { nonce } = expectAnswer(noncePart, asked, `asking for a code for ${email}`)
  const letter = await newLetter(email, before, lettersTo, wait)
  const code = codeIn(letter.text)
  if (code === undefined) return undefined
  const typed = { email, code, nonce, client: 'app' }
  const reply = await ask('POST', '/v1/auth/codes/verify', { body: typed })
  return expectAnswer(sessionPart, reply, `entering the code of ${email}`).accessToken
}

const letterMsMax = 30_000
const pollMs = 200

async function newLetter(
  email: string,
  before: Set<string>,
  lettersTo: LettersTo,
  wait: Wait,
): Promise<Letter> {
  for (let waitedMs = 0; waitedMs < letterMsMax; waitedMs += pollMs) {
    const letter = (await lettersTo(email)).find(({ id }) => !before.has(id))
    if (letter !== undefined) return letter
    await wait(pollMs)
  }
  throw new DemoFailure(`no mail for ${email} within ${letterMsMax / 1_000} s; is the mailer up?`)
}

/** The code is eight digits on a line of its own. */
const codeIn = (text: string): string | undefined => /^\s*(\d{8})\s*$/m.exec(text)?.[1]

const letters = z.array(z.object({ id: z.string(), text: z.string() }))

/** Letters of the development inbox. `askInbox` asks at its address. */
export function inboxOf(askInbox: Ask): LettersTo {
  return async (email) => {
    const reply = await askInbox('GET', `/api/messages?to=${encodeURIComponent(email)}`)
    return expectAnswer(letters, reply, `reading the mail of ${email}`)
  }
}

// What a check is, and how it says what it found.
import { setTimeout as delay } from 'node:timers/promises'
import type { Ending } from './raw-socket.ts'

/** A server under test, and what the suite may ask of its surroundings. */
export interface Subject {
  /** http(s)://host:port of what serves `/v1/feed`. */
  url: string
  /** A new ticket of the one person whose feed is looked at. */
  ticket(): Promise<string>
  /** The person's bearer token, for REST and the event stream. */
  token(): Promise<string>
  /** Wait for pings however rare they are: a minute and more. */
  isPatient?: boolean
  /** Makes `count` events appear in that feed; absent where nobody can. */
  cause?(count: number): Promise<void>
}

export interface Check {
  /** `room/what`, stable, for reports and for people who look for it here. */
  id: string
  /** What must hold. */
  says: string
  needs?: 'events'
  /** It changes what others look at: it runs by itself. */
  alone?: true
  run(subject: Subject): Promise<void>
}

/** The server does something else than it must; the message says what. */
export class Nonconformity extends Error {
  override name = 'Nonconformity'
}

/** The server leaves open whether it can do this at all; the message says why. */
export class NotChecked extends Error {
  override name = 'NotChecked'
}

export const must = (holds: boolean, otherwise: () => string): void => {
  if (!holds) throw new Nonconformity(otherwise())
}

/** The value, or what did not happen in time. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const late = new AbortController()
  const lateness = delay(ms, undefined, { signal: late.signal }).then(() => {
    throw new Nonconformity(`no ${what} within ${ms / 1_000} s`)
  })
  lateness.catch(() => undefined)
  try {
    return await Promise.race([promise, lateness])
  } finally {
    late.abort()
  }
}

const closeMsMax = 5_000

/** Waits for the end of a connection, which must have one of these close codes. */
export async function mustClose(
  raw: { ended: Promise<Ending> },
  codes: readonly number[],
  msMax = closeMsMax,
): Promise<void> {
  const { code } = await within(msMax, `close with ${codes.join(' or ')}`, raw.ended)
  must(code !== undefined && codes.includes(code), () =>
    code === undefined
      ? `cut off without a close frame, instead of ${codes.join(' or ')}`
      : `closed with ${code} instead of ${codes.join(' or ')}`,
  )
}

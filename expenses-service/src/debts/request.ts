/** What every command of a debt brings along, made from the call. */
import { createHash, randomFillSync } from 'node:crypto'
import type { Caller } from '../caller.ts'
import { ledgerError } from '../errors.ts'
import type { Words } from '../transactions/journal.ts'
import type { State } from '../transactions/state.ts'
import { hashRequest } from '../transactions/request-hash.ts'
import type { Request, Terms } from './rules.ts'

/** A command as it came in. `ifMatch` is the header, if any. */
export interface Incoming<B> {
  caller: Caller
  key: string
  path: string
  ifMatch: string | undefined
  body: B
}

export const requestOf = (incoming: Incoming<unknown>): Request => ({
  callerId: incoming.caller.userId,
  key: incoming.key,
  hash: hashRequest('POST', incoming.path, incoming.body),
  ifVersion: versionOf(incoming.ifMatch),
})

/** What the rows of a command have in common; `keyIn` is the book whose row carries its key. */
export const termsOf = (
  request: Request,
  state: State,
  rows: { bundle: string; keyIn: string | undefined },
): Terms => ({ ...rows, request, now: state.now, relationOf: state.relationOf })

/**
 * The version in a strong ETag, with or without the digest of what its reader alone sees; what is no
 * ETag of ours matches no version.
 */
const versionOf = (ifMatch: string | undefined): number | undefined => {
  if (ifMatch === undefined || ifMatch === '*') return undefined
  const digits = /^"(\d{1,9})(?:-[0-9a-f]{8})?"$/.exec(ifMatch)?.[1]
  return digits === undefined ? -1 : Number(digits)
}

/** Words with their salt, or undefined where nothing was said. */
export const wordsOf = (spoken: {
  note?: string | undefined
  reason?: string | undefined
  suggestedMinor?: bigint | undefined
}): Words | undefined => {
  const { note, reason, suggestedMinor } = spoken
  if (note === undefined && reason === undefined && suggestedMinor === undefined) return undefined
  return { salt: drawSalt(), note, reason, suggestedMinor }
}

const saltBytes = 16
const salts = Buffer.alloc(256 * saltBytes)
let drawnBytes = salts.length

/** Drawn in bulk: asking the system for sixteen bytes costs as much as for four thousand. */
const drawSalt = (): string => {
  if (drawnBytes === salts.length) {
    randomFillSync(salts)
    drawnBytes = 0
  }
  const salt = salts.toString('hex', drawnBytes, drawnBytes + saltBytes)
  drawnBytes += saltBytes
  return salt
}

/** A debt's id follows from caller and key, so a repeated create meets itself. */
export const debtIdOf = (callerId: string, key: string): string =>
  derivedId(`quits.debt.v1\n${callerId}\n${key}`)

/** The id of the debt that takes what is paid back too much; it follows from the book, too. */
export const surplusIdOf = (callerId: string, key: string, bookId: string): string =>
  derivedId(`quits.surplus.v1\n${callerId}\n${key}\n${bookId}`)

/** UUIDv8, RFC 9562. */
const derivedId = (source: string): string => {
  const bytes = createHash('sha256').update(source).digest()
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...parts, hex.slice(20, 32)].join('-')
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** An id from a URL. One of another shape names nothing of yours. */
export const idOf = (text: string | undefined): string => {
  if (text === undefined || !uuid.test(text)) throw ledgerError('not_found')
  return text
}

/** The highest seq that a book can have. */
export const seqMax = 2_147_483_647

/** A seq from a URL, likewise. */
export const seqOf = (text: string | undefined): number => {
  const seq = /^[1-9]\d{0,9}$/.test(text ?? '') ? Number(text) : 0
  if (seq === 0 || seq > seqMax) throw ledgerError('not_found')
  return seq
}

const dayMs = 86_400_000

/** The civil date of an entry: as given, at most tomorrow anywhere on earth, or today (UTC). */
export const occurredOnOf = (given: string | undefined, now: string): string => {
  if (given === undefined) return now.slice(0, 10)
  const latestOn = new Date(Date.parse(now) + dayMs).toISOString().slice(0, 10)
  if (given > latestOn) throw ledgerError('invalid_date', { detail: 'It lies in the future.' })
  return given
}

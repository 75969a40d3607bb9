/**
 * Rules of refresh tokens. A token is `session id ‖ 256-bit secret ‖ tag`, opaque to its holder. The
 * secret is stored hashed and replaced at each use; its successor is its HMAC under the session's own
 * secret, so that a lost reply can be given again without storing any token.
 *
 * The tag proves that this installation made the token. So an old token that was stolen is told from
 * made-up bytes without keeping every hash that ever was: the first ends the session, the second is
 * nobody's.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const idBytes = 16
const secretBytes = 32
const tagBytes = 16
const tokenBytes = idBytes + secretBytes + tagBytes

/** How long the token just replaced still gets the same successor. */
export const repeatSecondsMax = 10

export interface RefreshToken {
  sessionId: string
  secret: Buffer
  /** False for made-up bytes, and for a token made before QUITS_SECRET was changed. */
  genuine: boolean
}

/** The token as text. */
export const formRefreshToken = (key: Buffer, sessionId: string, secret: Buffer): string => {
  const body = Buffer.concat([idToBytes(sessionId), secret])
  return Buffer.concat([body, tagOf(key, body)]).toString('base64url')
}

/** Undefined for anything that cannot be a token. */
export const parseRefreshToken = (key: Buffer, text: string): RefreshToken | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== tokenBytes || bytes.toString('base64url') !== text) return undefined
  const body = bytes.subarray(0, idBytes + secretBytes)
  return {
    sessionId: bytesToId(bytes.subarray(0, idBytes)),
    secret: bytes.subarray(idBytes, idBytes + secretBytes),
    genuine: timingSafeEqual(tagOf(key, body), bytes.subarray(idBytes + secretBytes)),
  }
}

/** What a token's secret is stored as. 256 random bits need no slow hash. */
export const refreshHash = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest()

/** The one token that follows `secret` in its session. */
export const successorOf = (sessionSecret: Buffer, secret: Buffer): Buffer =>
  createHmac('sha256', sessionSecret).update(secret).digest()

/** A session as its row tells it. */
export interface RefreshState {
  tokenHash: Buffer
  previousHash: Buffer | null
  /** The current token was made within the last `repeatSecondsMax`. */
  fresh: boolean
  /** Neither revoked nor expired. */
  live: boolean
}

/**
 * `rotate`: the current token. `repeat`: the one before it, whose reply was lost. `reuse`: an older
 * one, so somebody holds a copy. `nobody`: not a token of a live session.
 */
export const judgeRefresh = (
  state: RefreshState,
  token: RefreshToken,
): 'rotate' | 'repeat' | 'reuse' | 'nobody' => {
  if (!state.live) return 'nobody'
  const hash = refreshHash(token.secret)
  if (timingSafeEqual(hash, state.tokenHash)) return 'rotate'
  const previous = state.previousHash !== null && timingSafeEqual(hash, state.previousHash)
  if (previous && state.fresh) return 'repeat'
  return previous || token.genuine ? 'reuse' : 'nobody'
}

const tagOf = (key: Buffer, body: Buffer) =>
  createHmac('sha256', key).update(body).digest().subarray(0, tagBytes)

const idToBytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex')

const bytesToId = (bytes: Buffer) => {
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...parts, hex.slice(20)].join('-')
}

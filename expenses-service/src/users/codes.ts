/**
 * Rules of codes. A code is bound to its request: the asker holds a nonce of 256 random bits of which
 * only the hash is stored, so nobody else can try or burn the code.
 *
 * The stored hash is an HMAC under a key of the installation over nonce, address and code. A slow
 * password hash (ASVS 6.5.2) would add nothing: whoever steals the table and even the key still lacks
 * the nonce, and 2^256 nonces cannot be searched.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const codesCount = 100_000_000
const codeDigits = 8
export const codeTriesMax = 5

/** The code of a number below `codesCount`. */
export const codeText = (number: number): string => String(number).padStart(codeDigits, '0')

/** What a nonce is stored and found as. */
export const nonceHash = (nonce: string): Buffer => createHash('sha256').update(nonce).digest()

/** What a code is stored as; another nonce or another address gives another hash. */
export const codeHash = (
  key: Buffer,
  bound: { nonce: string; address: string; code: string },
): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify([bound.nonce, bound.address, bound.code]))
    .digest()

/** A request for a code as its row tells it. */
export interface CodeState {
  codeHash: Buffer
  triesLeft: number
  used: boolean
  expired: boolean
}

/** `wrong` costs a try; `dead` is a code that no answer opens. To the asker they are one. */
export const judgeCode = (state: CodeState, presented: Buffer): 'right' | 'wrong' | 'dead' => {
  if (state.used || state.expired || state.triesLeft <= 0) return 'dead'
  return timingSafeEqual(state.codeHash, presented) ? 'right' : 'wrong'
}

/**
 * A token's signature and expiry, judged in this process with the published keys. It is no proof of
 * identity (a session may be revoked); it tells junk from tokens worth a look-up.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs, reconnectBackoff } from '@quits/kit/backoff'
import type { Log } from '@quits/kit/log'
import type { Part } from '@quits/kit/run'
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'

const refreshMs = 300_000
/** A stranger may invent key ids; they make us ask at most this often. */
const nudgeMsMin = 5_000
const fetchMsMax = 2_000
const tokenLengthMax = 4_096
const clockToleranceSeconds = 5

/** `junk` fails here for good; `unknown` names a key we have not seen; `blind`: no keys yet. */
export type Proof =
  | { kind: 'proved'; userId: string; sessionId: string; expiresAtMs: number }
  | { kind: 'junk' }
  | { kind: 'unknown' }
  | { kind: 'blind' }

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(20) })
const claims = z.object({ sub: z.string().min(1), sid: z.string().min(1), exp: z.number() })

export interface Keys extends Part {
  prove(token: string): Promise<Proof>
  /** True once keys were read. */
  loaded(): boolean
}

/** `fetchKeys` reads the JWKS document; it comes in so that tests need no server. */
export const makeKeys = (options: {
  fetchKeys: (signal: AbortSignal) => Promise<unknown>
  log: Log
}): Keys => {
  let resolve: ReturnType<typeof createLocalJWKSet> | undefined
  let readAtMs = 0
  let waiting = new AbortController()

  const read = async (signal: AbortSignal) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(fetchMsMax)])
    const document = keySet.parse(await options.fetchKeys(limited))
    resolve = createLocalJWKSet(document)
  }

  const prove = async (token: string): Promise<Proof> => {
    if (token.length > tokenLengthMax) return { kind: 'junk' }
    if (resolve === undefined) return { kind: 'blind' }
    try {
      const verified = await jwtVerify(token, resolve, {
        algorithms: ['EdDSA', 'Ed25519'],
        clockTolerance: clockToleranceSeconds,
      })
      return proofOf(verified.payload)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) return { kind: 'junk' }
      if (Date.now() - readAtMs > nudgeMsMin) waiting.abort()
      return { kind: 'unknown' }
    }
  }

  return {
    name: 'keys',
    prove,
    loaded: () => resolve !== undefined,
    async run(signal) {
      for (let failures = 0; !signal.aborted; ) {
        waiting = new AbortController()
        readAtMs = Date.now()
        try {
          await read(signal)
          failures = 0
        } catch (error) {
          failures += 1
          if (!signal.aborted) options.log.warn({ err: error, failures }, 'keys not read')
        }
        const waitMs =
          failures === 0 ? refreshMs : 100 + backoffMs(reconnectBackoff, failures, Math.random())
        const ended = AbortSignal.any([signal, waiting.signal])
        await delay(waitMs, undefined, { signal: ended }).catch(() => undefined)
      }
    },
  }
}

const proofOf = (payload: JWTPayload): Proof => {
  const result = claims.safeParse(payload)
  if (!result.success) return { kind: 'junk' }
  const { sub, sid, exp } = result.data
  return { kind: 'proved', userId: sub, sessionId: sid, expiresAtMs: exp * 1_000 }
}

/** Reads a JWKS over HTTP. */
export const fetchKeysFrom = (url: string) => async (signal: AbortSignal) => {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`the keys' address answered ${response.status}`)
  return response.json()
}

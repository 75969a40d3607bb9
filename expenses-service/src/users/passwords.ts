/**
 * Argon2id as OWASP asks (19 MiB, two passes, one lane: about 17 ms), on a thread of the pool. One at
 * a time and a short queue: a flood of sign-ins gets 503 and leaves the rest of the service alone.
 */
import { hash, verify } from '@node-rs/argon2'
import { ledgerError } from '../errors.ts'

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Sixteen wait about 0.3 s; whoever comes after them is told to come back. */
const queueLengthMax = 16
/** Opens to nothing; verified where there is no password, so that the answer takes as long. */
const noPassword =
  '$argon2id$v=19$m=19456,t=2,p=1$cXVpdHMtbm8tcGFzc3dvcmQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

export type Passwords = ReturnType<typeof makePasswords>

export const makePasswords = () => {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    if (waiting >= queueLengthMax) throw ledgerError('busy')
    waiting += 1
    const mine = last.then(act)
    last = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      waiting -= 1
    }
  }

  return {
    hash: (password: string): Promise<string> => inTurn(() => hash(sameForm(password), cost)),
    /** False where there is no hash, after the same work. */
    verify: (stored: string | undefined, password: string): Promise<boolean> =>
      inTurn(async () => {
        const right = await verify(stored ?? noPassword, sameForm(password))
        return right && stored !== undefined
      }),
  }
}

// One password can arrive as different code points from different keyboards (NIST SP 800-63B).
const sameForm = (password: string) => password.normalize('NFKC')

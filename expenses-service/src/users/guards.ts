/**
 * Limits of the sign-in edges, by rate-limiter-flexible on Postgres: the counters hold across
 * processes and restarts, and an edge that asks Argon2 or sends mail can afford one more row.
 *
 * Nobody locks the owner out: an address of the network is stopped long before the account's own,
 * larger, limit is reached, and that one is per kind, so that a flood of passwords leaves the
 * codes alone. Limits count what was typed, whether or not it names an account.
 */
import { createHash } from 'node:crypto'
import { networkOf } from '@quits/kit/network'
import type { Pool } from '@quits/kit/postgres'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { ledgerError } from '../errors.ts'

const hourSeconds = 3_600
const codesPerHour = { ofOneAddress: 5, ofAccount: 20 }
const passwordsPerHour = { ofOneAddress: 20, ofAccount: 100 }

export type Guards = ReturnType<typeof makeGuards>

export const makeGuards = (options: { pool: Pool; perAddressPerHour: number }) => {
  const limiter = (keyPrefix: string, points: number) =>
    new RateLimiterPostgres({
      storeClient: options.pool,
      tableName: 'sign_in_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration: hourSeconds,
    })
  const byAddress = limiter('address', options.perAddressPerHour)
  const codes = {
    ofOneAddress: limiter('code-one', codesPerHour.ofOneAddress),
    ofAccount: limiter('code', codesPerHour.ofAccount),
  }
  const passwords = {
    ofOneAddress: limiter('password-one', passwordsPerHour.ofOneAddress),
    ofAccount: limiter('password', passwordsPerHour.ofAccount),
  }

  // In this order, so that what is refused for its address does not count against the account.
  const takeAll = async (kind: typeof codes, account: string, address: string) => {
    await take(byAddress, keyOf(network(address)))
    await take(kind.ofOneAddress, keyOf(account, network(address)))
    await take(kind.ofAccount, keyOf(account))
  }

  return {
    /** Before a code is made. `account` is what was typed, in normal form. Throws when too many. */
    code: (account: string, address: string) => takeAll(codes, account, address),
    /** Before a password is looked at. */
    password: (account: string, address: string) => takeAll(passwords, account, address),
    /** Before a code is looked at; its own five tries guard the code itself. */
    attempt: (address: string) => take(byAddress, keyOf(network(address))),
    /** After the right password: earlier slips of the same person no longer count. */
    async forgive(account: string, address: string) {
      await passwords.ofOneAddress.delete(keyOf(account, network(address)))
    },
  }
}

const take = async (limiter: RateLimiterPostgres, key: string): Promise<void> => {
  try {
    await limiter.consume(key)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1_000))
    throw ledgerError('too_many_attempts', { retryAfterSeconds })
  }
}

// What is no address (a unix socket, a broken header) shares one budget.
const network = (address: string) => networkOf(address) ?? 'unknown'

// Hashed: the counters need no list of who tried to sign in.
const keyOf = (...parts: string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

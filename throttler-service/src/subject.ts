/**
 * Whose bucket it is. The kind is part of the name, so that no address can be forged that drains a
 * user's bucket; the braces make all buckets of one subject share a slot on Redis Cluster.
 */
import { networkOf } from '@quits/kit/network'
import type { Tier } from './policy.ts'

/** Who asks, as far as limits care. `degraded`: identity could not be asked. */
export interface Caller {
  tier: Tier
  /** Empty for an anonymous caller. */
  userId: string
  degraded: boolean
}

export const anonymous: Caller = { tier: 'anonymous', userId: '', degraded: false }

/** `{u:<user id>}` or `{ip:<network>}`; all texts that are no address share one bucket. */
export const subjectOf = (caller: Caller, address: string): string =>
  caller.userId === '' ? `{ip:${networkOf(address) ?? 'unknown'}}` : `{u:${caller.userId}}`

/** Use cases: consent that is given beforehand, and a block. */
import { inTransaction, type Pool } from '@quits/kit/postgres'
import { asMoney } from '../amount.ts'
import { ledgerError } from '../errors.ts'
import type { Consent } from '../transactions/relation.ts'
import { lockBooks } from '../transactions/load.ts'
import { saveBlock, saveConsent } from '../transactions/relation-store.ts'
import { saveBlockSpan, sharedBooks } from './block-store.ts'
import type { BlockBody, ConsentBody, ConsentView } from './shapes.ts'
import { peopleOf } from './totals-store.ts'

const consentOf = (body: ConsentBody): Consent =>
  body.mode === 'upTo'
    ? { mode: 'upTo', amountMinor: BigInt(body.amount.minor), currency: body.amount.currency }
    : { mode: body.mode }

export const viewConsent = (consent: Consent): ConsentView =>
  consent.mode === 'upTo'
    ? { mode: 'upTo', amount: asMoney(consent.amountMinor, consent.currency) }
    : { mode: consent.mode }

/**
 * Only towards somebody whom the caller shares a debt with: to others that person does not exist.
 * `refuseLate` throws when the caller, by a deadline, waits no more; then nothing is written.
 */
export const makeRelate = ({ pool, refuseLate }: { pool: Pool; refuseLate?: () => void }) => {
  const mustKnow = async (userId: string, personId: string) => {
    const page = { after: undefined, limit: 1, id: personId }
    const [person] = await peopleOf(pool, userId, page)
    if (person === undefined) throw ledgerError('not_found')
  }
  return {
    async consent(userId: string, personId: string, body: ConsentBody): Promise<ConsentView> {
      await mustKnow(userId, personId)
      const consent = consentOf(body)
      await inTransaction(pool, async (connection) => {
        await saveConsent(connection, userId, personId, consent)
        refuseLate?.()
      })
      return viewConsent(consent)
    },
    async block(userId: string, personId: string, { blocked }: BlockBody): Promise<BlockBody> {
      await mustKnow(userId, personId)
      await inTransaction(pool, async (connection) => {
        // Whoever writes into a shared book is done, or sees the block: nothing lies on both sides of it.
        await lockBooks(connection, await sharedBooks(connection, userId, personId))
        await saveBlock(connection, userId, personId, blocked)
        await saveBlockSpan(connection, userId, personId, blocked)
        refuseLate?.()
      })
      return { blocked }
    },
  }
}

/** Use case: write a debt down. */
import { randomUUIDv7 } from 'node:crypto'
import type { Connection, Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import { consents, strangers } from '../transactions/relation.ts'
import { relationOf } from '../transactions/relation-store.ts'
import type { Writer } from '../transactions/writer.ts'
import { normalEmail, userOfAddress } from '../users/people.ts'
import { guessCategory } from './category.ts'
import { addDebt, countDebts, debtOf } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { eventsOf } from './events.ts'
import { addFirstContact, firstContactRefusal } from './first-contacts.ts'
import { debtIdOf, type Incoming, occurredOnOf, requestOf, wordsOf } from './request.ts'
import { openDebt } from './rules/opening.ts'
import { lockAddress, seatNewcomer } from './seat-newcomer.ts'
import type { DebtView, OpenBody } from './shapes.ts'
import { peopleOf } from './totals-store.ts'

/** Who is on the other side, as far as the owner's words and the accounts tell. */
interface Counterparty {
  userId: string | undefined
  name: string
  seat: 'asked' | 'absent'
  /** What was typed, in normal form; the person is the same whether or not it is an account's. */
  address: string | undefined
  waitingAddress: string | undefined
  /** Why there can be no such debt; told only when the request is not a repetition. */
  refusal: 'debt_with_yourself' | 'not_found' | undefined
}

export interface OpenDebtOptions {
  pool: Pool
  writer: Writer
  /** New addresses that one person may ask to their debts per day. */
  firstContactsPerDay?: number
}

/** Opens the debt, or answers the one that an earlier request with this key opened. */
export const makeOpenDebt =
  ({ pool, writer, firstContactsPerDay = limits.firstContactsPerDay }: OpenDebtOptions) =>
  async (incoming: Incoming<OpenBody>): Promise<{ debt: DebtView; replayed: boolean }> => {
    const { caller, body } = incoming
    const request = requestOf(incoming)
    const bookId = debtIdOf(caller.userId, incoming.key)
    const found = await findCounterparty(pool, caller.userId, body.counterparty)
    const contact = { userId: caller.userId, perDay: firstContactsPerDay, address: found.address }
    const stranger = await strangerRefusal(pool, contact)
    const debtCount = await countDebts(pool, caller.userId)
    const words = wordsOf({ note: body.description })
    const guess = guessCategory(body.description)
    const bundle = randomUUIDv7()
    let relation = strangers
    const { replayed } = await writer.submit({
      caller,
      bookIds: [bookId],
      entries: [],
      request: { bookId, key: request.key, hash: request.hash },
      // Asked for everybody, so that it takes the same time for each.
      look: async (reader) => {
        relation = await relationOf(reader, found.userId ?? caller.userId, caller.userId)
      },
      decide: (state) => {
        const other = reachable(found, relation)
        if (other.refusal !== undefined) throw ledgerError(other.refusal)
        if (stranger !== undefined) throw stranger
        if (debtCount >= limits.debtsPerUserMax) throw ledgerError('too_many_debts')
        if (words === undefined) throw ledgerError('invalid_request')
        const opening = {
          bookId,
          role: body.role,
          counterparty: { userId: other.userId, name: other.name, seat: other.seat },
          currency: body.opening.currency,
          amountMinor: BigInt(body.opening.minor),
          occurredOn: occurredOnOf(body.occurredOn, state.now),
          words,
          consentedIn: agreedBefore(body, relation) ? bundle : undefined,
        }
        const change = openDebt(opening, request, state.now)
        const beside = async (connection: Connection) => {
          const { address } = contact
          if (address !== undefined) await addFirstContact(connection, { ...contact, address })
          const { waitingAddress } = other
          if (waitingAddress !== undefined) await lockAddress(connection, waitingAddress)
          await addDebt(connection, {
            bookId,
            createdAt: state.now,
            ownerId: caller.userId,
            category: body.category ?? guess,
            otherCategory: guess,
            otherId: other.userId,
            waitingAddress,
            description: body.description,
            dueOn: body.dueOn,
          })
          await seatIfVerifiedMeanwhile(connection, waitingAddress)
        }
        return { changes: [change], events: eventsOf(change), beside, result: undefined }
      },
      replay: () => undefined,
    })
    const debt = await debtOf(pool, caller.userId, bookId)
    if (debt === undefined) throw ledgerError('not_found')
    return { debt: viewDebt(debt, caller.userId), replayed }
  }

/**
 * Nothing of somebody whom they block reaches a person. The debt then looks like any other to its
 * owner, and nobody else sees it.
 */
const reachable = (other: Counterparty, { blocked }: typeof strangers): Counterparty =>
  blocked ? { ...other, userId: undefined } : other

/**
 * Did they agree beforehand to a debt like this? Told only of somebody who was named by their id: of
 * an address, the answer must not tell whose it is.
 */
const agreedBefore = ({ counterparty, opening }: OpenBody, relation: typeof strangers): boolean =>
  'userId' in counterparty &&
  consents(relation, { minor: BigInt(opening.minor), currency: opening.currency })

const strangerRefusal = async (
  pool: Pool,
  contact: { userId: string; perDay: number; address: string | undefined },
) => {
  const { address } = contact
  return address === undefined ? undefined : firstContactRefusal(pool, { ...contact, address })
}

const findCounterparty = async (
  pool: Pool,
  callerId: string,
  typed: OpenBody['counterparty'],
): Promise<Counterparty> => {
  const unknown = {
    userId: undefined,
    address: undefined,
    waitingAddress: undefined,
    refusal: undefined,
  }
  if ('email' in typed) {
    const address = normalEmail(typed.email)
    const userId = await userOfAddress(pool, address)
    return {
      userId,
      name: typed.name ?? typed.email,
      seat: 'asked',
      address,
      waitingAddress: userId === undefined ? address : undefined,
      refusal: userId === callerId ? 'debt_with_yourself' : undefined,
    }
  }
  if ('name' in typed) return { ...unknown, name: typed.name, seat: 'absent' }
  const [person] = await peopleOf(pool, callerId, { after: undefined, limit: 1, id: typed.userId })
  if (person !== undefined) {
    return { ...unknown, userId: person.id, name: person.name, seat: 'asked' }
  }
  const refusal = typed.userId === callerId ? 'debt_with_yourself' : 'not_found'
  return { ...unknown, name: '', seat: 'asked', refusal }
}

// Somebody may verify the address between the look-up and this commit. Both sides hold the address's
// lock, so one of them sees the other's rows.
const seatIfVerifiedMeanwhile = async (connection: Connection, address: string | undefined) => {
  if (address === undefined) return
  const userId = await userOfAddress(connection, address)
  if (userId !== undefined) await seatNewcomer(connection, { userId, email: address })
}

/** Use case: write a debt down. */
import type { Connection, Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Writer } from '../transactions/writer.ts'
import { normalEmail, userOfAddress } from '../users/people.ts'
import { guessCategory } from './category.ts'
import { addDebt, countDebts, debtOf } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { eventsOf } from './events.ts'
import { debtIdOf, type Incoming, occurredOnOf, requestOf, wordsOf } from './request.ts'
import { openDebt } from './rules.ts'
import { lockAddress, seatNewcomer } from './seat-newcomer.ts'
import type { DebtView, OpenBody } from './shapes.ts'
import { peopleOf } from './totals-store.ts'

/** Who is on the other side, as far as the owner's words and the accounts tell. */
interface Counterparty {
  userId: string | undefined
  name: string
  seat: 'asked' | 'absent'
  waitingAddress: string | undefined
  /** Why there can be no such debt; told only when the request is not a repetition. */
  refusal: 'debt_with_yourself' | 'not_found' | undefined
}

/** Opens the debt, or answers the one that an earlier request with this key opened. */
export const makeOpenDebt =
  ({ pool, writer }: { pool: Pool; writer: Writer }) =>
  async (incoming: Incoming<OpenBody>): Promise<{ debt: DebtView; replayed: boolean }> => {
    const { caller, body } = incoming
    const request = requestOf(incoming)
    const bookId = debtIdOf(caller.userId, incoming.key)
    const other = await findCounterparty(pool, caller.userId, body.counterparty)
    const debtCount = await countDebts(pool, caller.userId)
    const words = wordsOf({ note: body.description })
    const guess = guessCategory(body.description)
    const { replayed } = await writer.submit({
      caller,
      bookIds: [bookId],
      entries: [],
      request: { bookId, key: request.key, hash: request.hash },
      decide: (state) => {
        if (other.refusal !== undefined) throw ledgerError(other.refusal)
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
        }
        const change = openDebt(opening, request, state.now)
        const beside = async (connection: Connection) => {
          await addDebt(connection, {
            bookId,
            createdAt: state.now,
            ownerId: caller.userId,
            category: body.category ?? guess,
            otherCategory: guess,
            otherId: other.userId,
            waitingAddress: other.waitingAddress,
            description: body.description,
            dueOn: body.dueOn,
          })
          await seatIfVerifiedMeanwhile(connection, other.waitingAddress)
        }
        return { changes: [change], events: eventsOf(change), beside, result: undefined }
      },
      replay: () => undefined,
    })
    const debt = await debtOf(pool, caller.userId, bookId)
    if (debt === undefined) throw ledgerError('not_found')
    return { debt: viewDebt(debt, caller.userId), replayed }
  }

const findCounterparty = async (
  pool: Pool,
  callerId: string,
  typed: OpenBody['counterparty'],
): Promise<Counterparty> => {
  const unknown = { userId: undefined, waitingAddress: undefined, refusal: undefined }
  if ('email' in typed) {
    const address = normalEmail(typed.email)
    const userId = await userOfAddress(pool, address)
    return {
      userId,
      name: typed.name ?? typed.email,
      seat: 'asked',
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

// Somebody may verify the address between the look-up and this commit. Both sides take the address's
// lock, so one of them sees the other's rows.
const seatIfVerifiedMeanwhile = async (connection: Connection, address: string | undefined) => {
  if (address === undefined) return
  await lockAddress(connection, address)
  const userId = await userOfAddress(connection, address)
  if (userId !== undefined) await seatNewcomer(connection, { userId, email: address })
}

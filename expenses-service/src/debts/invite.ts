/** Use case: invite somebody to the free seat of a debt, by a link or by mail. */
import { randomUUIDv7 } from 'node:crypto'
import { type Connection, inTransaction, type Pool } from '@quits/kit/postgres'
import { seal } from '@quits/kit/seal'
import type { MailJob } from '@quits/proto/jobs'
import { asMoney } from '../amount.ts'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import { addJobs } from '../outbox/store.ts'
import { type Book, balanceOf } from '../transactions/book.ts'
import { entryOf } from '../transactions/entry-store.ts'
import { loadBooks, lockBooks } from '../transactions/load.ts'
import { relationOf } from '../transactions/relation-store.ts'
import { correspondentsOf, normalEmail, userOfAddress } from '../users/people.ts'
import { addFirstContact } from './first-contacts.ts'
import {
  type Invitation,
  invitationHash,
  invitationLink,
  invitationToken,
  stateOf,
} from './invitation.ts'
import type { InviteBody, InvitedView } from './invitation-shapes.ts'
import {
  addInvitation,
  invitationOfToken,
  invitationsOf,
  keyWroteRow,
  mailedWithinDay,
} from './invitation-store.ts'
import { viewInvitation } from './invitation-view.ts'
import { type Incoming, requestOf } from './request.ts'
import { assertMayInvite } from './take-seat.ts'

export interface InviteOptions {
  pool: Pool
  /** Tokens are derived under it. */
  tokenKey: Buffer
  /** Seals the link in a job for the mailer. */
  jobsKey: Buffer
  /** Where people reach Quits. */
  origin: string
  firstContactsPerDay: number
  wakeRelay: () => void
  /** Throws when the caller, by a deadline, waits no more. */
  refuseLate?: () => void
}

/** Answers with the link; a repetition of the request gets the same one. */
export const makeInvite = (options: InviteOptions) => {
  const write = async (
    connection: Connection,
    made: { book: Book; token: string; tokenHash: Buffer; requestHash: string },
    incoming: Incoming<InviteBody>,
  ): Promise<Invitation> => {
    const { userId } = incoming.caller
    const { book, token, tokenHash, requestHash } = made
    assertMayInvite(book, userId)
    if (await keyWroteRow(connection, { bookId: book.id, userId, key: incoming.key })) {
      throw ledgerError('idempotency_key_reused')
    }
    await refuseTooMany(connection, book.id, userId)
    const { email } = incoming.body
    const address = email === undefined ? undefined : normalEmail(email)
    const id = randomUUIDv7()
    const asked = { id, tokenHash, bookId: book.id, userId, requestHash, address }
    const invitation = await addInvitation(connection, asked)
    if (address !== undefined) {
      const letter = { invitation, address, link: invitationLink(options.origin, token) }
      await post(connection, book, letter)
    }
    return invitation
  }

  const post = async (
    connection: Connection,
    book: Book,
    letter: { invitation: Invitation; address: string; link: string },
  ) => {
    const { invitation, address } = letter
    const userId = invitation.invitedBy
    const addresseeId = await userOfAddress(connection, address)
    if (addresseeId === userId) throw ledgerError('debt_with_yourself')
    const perDay = options.firstContactsPerDay
    await addFirstContact(connection, { userId, address, perDay })
    await refuseTooManyMails(connection, { userId, address })
    // Nothing of somebody whom they block reaches a person; to who invites it looks like any other.
    const { blocked } = await relationOf(connection, addresseeId ?? userId, userId)
    if (blocked) return
    const people = await correspondentsOf(connection, [userId, addresseeId ?? userId])
    const inviter = people.get(userId)
    const addressee = addresseeId === undefined ? undefined : people.get(addresseeId)
    const id = randomUUIDv7()
    const job: MailJob = {
      id,
      channel: 'mail',
      template: 'invitation',
      locale: addressee?.locale ?? inviter?.locale ?? 'en',
      // Words of a stranger are not mailed: who has no account is greeted without a name.
      to: { address, name: addressee?.name ?? '' },
      expiresAt: invitation.expiresAt,
      sealed: seal(options.jobsKey, id, { link: letter.link }),
      inviter: inviter?.name ?? '',
      amount: asMoney(await amountOf(connection, book), book.currency),
    }
    await addJobs(connection, [job])
  }

  return async (
    bookId: string,
    incoming: Incoming<InviteBody>,
  ): Promise<{ invitation: InvitedView; replayed: boolean }> => {
    const { userId } = incoming.caller
    const token = invitationToken(options.tokenKey, { bookId, userId, key: incoming.key })
    const tokenHash = invitationHash(token)
    if (tokenHash === undefined) throw ledgerError('internal')
    const requestHash = requestOf(incoming).hash
    const outcome = await inTransaction(options.pool, async (connection) => {
      // The lock makes the count of open invitations hold, and two equal requests meet here.
      await lockBooks(connection, [bookId])
      options.refuseLate?.()
      const [book] = await loadBooks(connection, [bookId])
      if (book === undefined) throw ledgerError('not_found')
      const earlier = await invitationOfToken(connection, tokenHash)
      if (earlier === undefined) {
        const made = { book, token, tokenHash, requestHash }
        return { invitation: await write(connection, made, incoming), replayed: false }
      }
      if (earlier.requestHash !== requestHash) throw ledgerError('idempotency_key_reused')
      return { invitation: earlier, replayed: true }
    })
    options.wakeRelay()
    const link = invitationLink(options.origin, token)
    return {
      invitation: { ...viewInvitation(outcome.invitation), token, link },
      replayed: outcome.replayed,
    }
  }
}

const refuseTooMany = async (connection: Connection, bookId: string, userId: string) => {
  const earlier = await invitationsOf(connection, { bookId, userId })
  const open = earlier.filter((one) => stateOf(one) === 'open')
  if (open.length >= limits.invitationsPerDebtMax) throw ledgerError('too_many_invitations')
}

const daySeconds = 86_400

/**
 * The mail that is asked for counts already. Nobody's box is filled by one person, however many debts
 * they write down; the lock of first contacts makes the count hold.
 */
const refuseTooManyMails = async (
  connection: Connection,
  asked: { userId: string; address: string },
) => {
  const { count, oldestSeconds } = await mailedWithinDay(connection, asked)
  if (count <= limits.mailsPerAddressPerDay) return
  const retryAfterSeconds = Math.max(1, Math.ceil(daySeconds - oldestSeconds))
  throw ledgerError('too_many_mails', { retryAfterSeconds })
}

/** What the debt is about: its balance, or the amount of the opening that waits. */
const amountOf = async (connection: Connection, book: Book): Promise<bigint> => {
  const balance = balanceOf(book)
  if (balance !== 0n) return balance
  return (await entryOf(connection, book.id, 1))?.row.amountMinor ?? 0n
}

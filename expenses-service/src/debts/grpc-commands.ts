/**
 * The commands of `quits.ledger.v1.Ledger`, one row each: how its caller is known, which use case it
 * is, and the answer. A message becomes what HTTP would have brought: the same path and body, so the
 * same request.
 */
import type {
  AcceptInvitationRequest,
  AmendEntryRequest,
  AnswerDebtRequest,
  AnswerEntryRequest,
  ChangeDebtRequest,
  EnterEntryRequest,
  InviteRequest,
  OpenDebtRequest,
  PayPersonRequest,
  ReverseEntryRequest,
  SetBlockRequest,
  SetConsentRequest,
} from '@quits/proto/ledger'
import { verdictNumbers } from '@quits/proto/ledger'
import type { Caller } from '../caller.ts'
import { ledgerError } from '../errors.ts'
import { type Authenticate, checkKey, parse } from '../routing.ts'
import type { EntryView } from '../transactions/entry.ts'
import { makeTimelyWriter } from '../transactions/timely-writer.ts'
import type { Writer } from '../transactions/writer.ts'
import { makeAnswerDebt } from './answer-debt.ts'
import { makeAnswerEntry } from './answer-entry.ts'
import { makeAcceptInvitation, makeDeclineInvitation } from './answer-invitation.ts'
import { makeChangeDebt } from './change-debt.ts'
import { makeAmendEntry, makeReverseEntry } from './correct-entry.ts'
import { makeEnterEntry } from './enter-entry.ts'
import { inviteBody, takeBody } from './invitation-shapes.ts'
import { type InviteOptions, makeInvite } from './invite.ts'
import { changeBody } from './life-shapes.ts'
import {
  answerBodyOf,
  bodyOf,
  changeBodyOf,
  debtMessage,
  entryMessage,
  ifMatchOf,
  openBodyOf,
  said,
} from './messages.ts'
import { makeOpenDebt } from './open-debt.ts'
import { paths } from './paths.ts'
import { makePayPerson } from './pay-person.ts'
import { invitationMessage, paymentMessage } from './people-messages.ts'
import { makePutAway } from './put-away.ts'
import { makeRelate } from './relate.ts'
import { idOf, type Incoming, seqOf } from './request.ts'
import { makeRevokeInvitation } from './revoke-invitation.ts'
import * as shapes from './shapes.ts'
import { verdicts } from './verdicts.ts'

export type CommandOptions = InviteOptions & { writer: Writer }

/** The use cases for one call: what its deadline leaves undecided is not carried out. */
export const useCasesOf = (options: CommandOptions, isLate: () => boolean) => {
  const refuseLate = () => {
    if (isLate()) throw ledgerError('deadline_exceeded')
  }
  const timely = { ...options, refuseLate, writer: makeTimelyWriter(options.writer, isLate) }
  return {
    refuseLate,
    openDebt: makeOpenDebt(timely),
    answerDebt: makeAnswerDebt(timely),
    changeDebt: makeChangeDebt(timely),
    putAway: makePutAway(timely),
    enterEntry: makeEnterEntry(timely),
    answerEntry: makeAnswerEntry(timely),
    reverseEntry: makeReverseEntry(timely),
    amendEntry: makeAmendEntry(timely),
    payPerson: makePayPerson(timely),
    relate: makeRelate(timely),
    invite: makeInvite(timely),
    revokeInvitation: makeRevokeInvitation(timely),
    acceptInvitation: makeAcceptInvitation(timely),
    declineInvitation: makeDeclineInvitation(timely),
  }
}
type UseCases = ReturnType<typeof useCasesOf>

export interface Command<Q, A> {
  /** As for a route: with `token` the use case reads the session's row in its own turn. */
  access: keyof Authenticate
  carryOut(useCases: UseCases, request: Q, caller: Caller): Promise<A>
}

const byToken = <Q, A>(carryOut: Command<Q, A>['carryOut']): Command<Q, A> => ({
  access: 'token',
  carryOut,
})
const bySession = <Q, A>(carryOut: Command<Q, A>['carryOut']): Command<Q, A> => ({
  access: 'session',
  carryOut,
})

interface Message {
  idempotencyKey?: string
  ifVersion?: number
}

const keyOf = ({ idempotencyKey = '' }: Message) =>
  checkKey(idempotencyKey === '' ? undefined : idempotencyKey)

const incomingOf = <B>(
  caller: Caller,
  message: Message & { idempotencyKey: string },
  path: string,
  body: B,
): Incoming<B> => ({ caller, key: keyOf(message), path, ifMatch: ifMatchOf(message), body })

const placeOf = ({ debtId, seq }: { debtId: string; seq: number }) => ({
  bookId: idOf(debtId),
  seq: seqOf(String(seq)),
})

const verdictOf = (message: AnswerDebtRequest) => {
  const verdict = verdicts.find(({ verb }) => verdictNumbers[verb] === message.verdict)
  if (verdict === undefined) throw ledgerError('invalid_request', { detail: 'Give a verdict.' })
  const { kind, verb, body } = verdict
  return { kind, verb, answer: parse<shapes.DeclineBody>(body, answerBodyOf(message)) }
}

const debtAnswer = ({ debt, replayed }: { debt: shapes.DebtView; replayed: boolean }) => ({
  debt: debtMessage(debt),
  replayed,
})
const entryAnswer = ({ entry, replayed }: { entry: EntryView; replayed: boolean }) => ({
  entry: entryMessage(entry),
  replayed,
})

const putAway = (archived: boolean) =>
  bySession(async (cases, { debtId }: { debtId: string }, { userId }) =>
    debtMessage(await cases.putAway(userId, idOf(debtId), archived)),
  )

export const commands = {
  openDebt: byToken(async (cases, message: OpenDebtRequest, caller) => {
    const body = parse(shapes.openBody, openBodyOf(message))
    return debtAnswer(await cases.openDebt(incomingOf(caller, message, paths.debts, body)))
  }),
  answerDebt: byToken(async (cases, message: AnswerDebtRequest, caller) => {
    const id = idOf(message.debtId)
    const { kind, verb, answer } = verdictOf(message)
    const incoming = incomingOf(caller, message, paths.debtVerb(id, verb), answer)
    return debtAnswer(await cases.answerDebt(id, kind, incoming))
  }),
  changeDebt: bySession(async (cases, message: ChangeDebtRequest, caller) => {
    const id = idOf(message.debtId)
    const body = parse(changeBody, changeBodyOf(message))
    const ifMatch = ifMatchOf(message)
    const incoming = { caller, key: '', path: paths.debt(id), ifMatch, body }
    return debtMessage(await cases.changeDebt(id, incoming))
  }),
  archiveDebt: putAway(true),
  unarchiveDebt: putAway(false),

  enterEntry: byToken(async (cases, message: EnterEntryRequest, caller) => {
    const id = idOf(message.debtId)
    const names = ['kind', 'amount', 'occurredOn', 'note', 'surplus'] as const
    const body = parse(shapes.entryBody, bodyOf(message, ...names))
    const incoming = incomingOf(caller, message, paths.entries(id), body)
    return entryAnswer(await cases.enterEntry(id, incoming))
  }),
  answerEntry: byToken(async (cases, message: AnswerEntryRequest, caller) => {
    const place = placeOf(message)
    const { kind, verb, answer } = verdictOf(message)
    const incoming = incomingOf(caller, message, paths.entryVerb(place, verb), answer)
    return entryAnswer(await cases.answerEntry(place, kind, incoming))
  }),
  reverseEntry: byToken(async (cases, message: ReverseEntryRequest, caller) => {
    const place = placeOf(message)
    const body = parse(shapes.reverseBody, bodyOf(message, 'reason'))
    const incoming = incomingOf(caller, message, paths.entryVerb(place, 'reverse'), body)
    return entryAnswer(await cases.reverseEntry(place, incoming))
  }),
  amendEntry: byToken(async (cases, message: AmendEntryRequest, caller) => {
    const place = placeOf(message)
    const names = ['amount', 'occurredOn', 'note', 'reason'] as const
    const body = parse(shapes.amendBody, bodyOf(message, ...names))
    const incoming = incomingOf(caller, message, paths.entryVerb(place, 'amend'), body)
    return entryAnswer(await cases.amendEntry(place, incoming))
  }),

  payPerson: byToken(async (cases, message: PayPersonRequest, caller) => {
    const id = idOf(message.personId)
    const body = parse(shapes.paymentBody, bodyOf(message, 'from', 'amount', 'occurredOn', 'note'))
    const incoming = incomingOf(caller, message, paths.payments(id), body)
    const { payment, replayed } = await cases.payPerson(id, incoming)
    return paymentMessage(payment, replayed)
  }),
  setConsent: bySession(async (cases, message: SetConsentRequest, { userId }) => {
    const body = parse(shapes.consentBody, said(message.consent ?? {}))
    return cases.relate.consent(userId, idOf(message.personId), body)
  }),
  setBlock: bySession(async (cases, message: SetBlockRequest, { userId }) => {
    const body = parse(shapes.blockBody, bodyOf(message, 'blocked'))
    return cases.relate.block(userId, idOf(message.personId), body)
  }),

  invite: bySession(async (cases, message: InviteRequest, caller) => {
    const id = idOf(message.debtId)
    const body = parse(inviteBody, bodyOf(message, 'email'))
    const incoming = incomingOf(caller, message, paths.invitations(id), body)
    const { invitation, replayed } = await cases.invite(id, incoming)
    const { token, link, ...view } = invitation
    return { invitation: invitationMessage(view), token, link, replayed }
  }),
  revokeInvitation: bySession(
    async (cases, message: { debtId: string; invitationId: string }, { userId }) => {
      const asked = { bookId: idOf(message.debtId), id: idOf(message.invitationId), userId }
      await cases.revokeInvitation(asked)
      return {}
    },
  ),
  acceptInvitation: byToken(async (cases, message: AcceptInvitationRequest, caller) => {
    const { token } = message
    const body = parse(takeBody, bodyOf(message, 'seq', 'hash'))
    const incoming = incomingOf(caller, message, paths.invitationVerb(token, 'accept'), body)
    return debtAnswer(await cases.acceptInvitation(token, incoming))
  }),
  declineInvitation: bySession(
    async (cases, message: { idempotencyKey: string; token: string }, { userId }) => {
      keyOf(message)
      return cases.declineInvitation(message.token, userId)
    },
  ),
}

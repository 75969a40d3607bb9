/** The gRPC edge of debts: `quits.ledger.v1.Ledger`, by the same use cases as HTTP. */
import { type GrpcCall, serve } from '@quits/kit/grpc'
import type { Log } from '@quits/kit/log'
import { ledgerContract, type Outcome } from '@quits/proto/ledger'
import { ledgerError } from '../errors.ts'
import {
  callerOf,
  grpcRefusal,
  refusalMessage,
  refusalOf,
  refuseUnknown,
  refusing,
  refusingStream,
} from '../grpc-edge.ts'
import type { Authenticate } from '../routing.ts'
import { inOrderPer, unknownPerItem } from './grpc-batch.ts'
import { type Command, type CommandOptions, commands, useCasesOf } from './grpc-commands.ts'
import { makeLedgerReads } from './grpc-reads.ts'

/** How each kind of method is called: what is checked before, and how refusals leave. */
const makeKinds = (options: CommandOptions & { authenticate: Authenticate; log: Log }) => {
  const { authenticate, log } = options

  const ready = async <Q, A>(call: GrpcCall, { access, carryOut }: Command<Q, A>) => {
    const caller = await callerOf(call, authenticate[access])
    const isLate = () => call.signal.aborted || Date.now() >= call.deadlineMs
    const useCases = useCasesOf(options, isLate)
    return async (request: Q) => {
      useCases.refuseLate()
      return carryOut(useCases, request, caller)
    }
  }

  const outcomeOf = async <A>(act: () => Promise<A>): Promise<Outcome<A>> => {
    try {
      return { done: await act() }
    } catch (error) {
      return { refused: refusalMessage(refusalOf(error, log)) }
    }
  }

  const userOf = async (call: GrpcCall) => {
    const { userId } = await callerOf(call, authenticate.session)
    refuseUnknown(call.unknownFields())
    return userId
  }

  return {
    /** What a secret in the request opens to anybody. */
    show: <Q, A>(handle: (request: Q) => Promise<A>) =>
      refusing(log, async (request: Q, call: GrpcCall) => {
        refuseUnknown(call.unknownFields())
        return handle(request)
      }),
    showList: <Q, A>(handle: (request: Q) => AsyncIterable<A>) =>
      refusingStream(log, async function* (request: Q, call: GrpcCall) {
        refuseUnknown(call.unknownFields())
        yield* handle(request)
      }),
    /** A reading of the caller's own. */
    read: <Q, A>(handle: (request: Q, userId: string) => Promise<A>) =>
      refusing(log, async (request: Q, call: GrpcCall) => handle(request, await userOf(call))),
    list: <Q, A>(handle: (request: Q, userId: string) => AsyncIterable<A>) =>
      refusingStream(log, async function* (request: Q, call: GrpcCall) {
        yield* handle(request, await userOf(call))
      }),
    /** A command. */
    one: <Q, A>(command: Command<Q, A>) =>
      refusing(log, async (request: Q, call: GrpcCall) => {
        const carryOut = await ready(call, command)
        refuseUnknown(call.unknownFields())
        return carryOut(request)
      }),
    /** The same command many times, as the list that the request holds; `debtOf` keeps order. */
    each: <L extends string, Q, A>(
      command: Command<Q, A>,
      list: L,
      debtOf: (message: NoInfer<Q>) => string,
    ) =>
      refusing(log, async (request: Record<L, Q[]>, call: GrpcCall) => {
        const carryOut = await ready(call, command)
        const unknown = unknownPerItem(call.unknownFields(), list)
        refuseUnknown(unknown.rest)
        const outcomes = await inOrderPer(request[list], debtOf, (message, index) =>
          outcomeOf(async () => {
            refuseUnknown(unknown.items.get(index) ?? [])
            return carryOut(message)
          }),
        )
        return { outcomes }
      }),
  }
}

export const makeLedgerService = (
  options: CommandOptions & { authenticate: Authenticate; log: Log },
) => {
  const { one, each, read, list, show, showList } = makeKinds(options)
  const reads = makeLedgerReads(options)
  const ofDebt = ({ debtId }: { debtId: string }) => debtId

  return serve(
    ledgerContract,
    {
      OpenDebt: one(commands.openDebt),
      // The same key twice is the same debt twice.
      OpenDebts: each(commands.openDebt, 'debts', ({ idempotencyKey }) => idempotencyKey),
      AnswerDebt: one(commands.answerDebt),
      AnswerDebts: each(commands.answerDebt, 'answers', ofDebt),
      ChangeDebt: one(commands.changeDebt),
      ArchiveDebt: one(commands.archiveDebt),
      UnarchiveDebt: one(commands.unarchiveDebt),
      GetDebt: read(reads.debt),
      ListDebts: list(reads.debts),
      SumDebts: read(reads.sums),

      EnterEntry: one(commands.enterEntry),
      EnterEntries: each(commands.enterEntry, 'entries', ofDebt),
      AnswerEntry: one(commands.answerEntry),
      AnswerEntries: each(commands.answerEntry, 'answers', ofDebt),
      ReverseEntry: one(commands.reverseEntry),
      AmendEntry: one(commands.amendEntry),
      GetEntry: read(reads.entry),
      ListEntries: list(reads.entries),
      ReadHistory: list(reads.history),
      ReadProof: list(reads.proof),

      GetSummary: read(reads.summary),

      ListPeople: list(reads.people),
      GetPerson: read(reads.person),
      ListTab: list(reads.tab),
      PayPerson: one(commands.payPerson),
      SetConsent: one(commands.setConsent),
      SetBlock: one(commands.setBlock),

      Invite: one(commands.invite),
      ListInvitations: list(reads.invitations),
      RevokeInvitation: one(commands.revokeInvitation),
      ShowInvitation: show(reads.invitation),
      ListInvitedEntries: showList(reads.invited),
      AcceptInvitation: one(commands.acceptInvitation),
      DeclineInvitation: one(commands.declineInvitation),
    },
    {
      unreadable: () =>
        grpcRefusal(ledgerError('invalid_request', { detail: 'The message cannot be read.' })),
    },
  )
}

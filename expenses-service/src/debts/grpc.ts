/** The gRPC edge of debts: `quits.ledger.v1.Ledger`, by the same use cases as HTTP. */
import { type GrpcCall, serve } from '@quits/kit/grpc'
import type { Log } from '@quits/kit/log'
import {
  type AnswerDebtRequest,
  type AnswerEntryRequest,
  commandsMax,
  type DebtAnswer,
  type EnterEntryRequest,
  type EntryAnswer,
  ledgerContract,
  type OpenDebtRequest,
  type Outcome,
  verdictNumbers,
} from '@quits/proto/ledger'
import type { Caller } from '../caller.ts'
import { ledgerError } from '../errors.ts'
import { callerOf, refusalMessage, refusalOf, refusing, refusingStream } from '../grpc-edge.ts'
import { type Authenticate, checkKey, parse } from '../routing.ts'
import { makeTimelyWriter } from '../transactions/timely-writer.ts'
import { makeAnswerDebt } from './answer-debt.ts'
import { makeAnswerEntry } from './answer-entry.ts'
import { makeEnterEntry } from './enter-entry.ts'
import { makeLedgerReads } from './grpc-reads.ts'
import {
  answerBodyOf,
  debtMessage,
  entryBodyOf,
  entryMessage,
  ifMatchOf,
  openBodyOf,
} from './messages.ts'
import { makeOpenDebt } from './open-debt.ts'
import { idOf, type Incoming, seqOf } from './request.ts'
import { type DeclineBody, declineBody, entryBody, openBody, plainAnswerBody } from './shapes.ts'

type Deps = Parameters<typeof makeOpenDebt>[0] & { authenticate: Authenticate; log: Log }

const verdicts = [
  { number: verdictNumbers.accept, kind: 'accepted', verb: 'accept', body: plainAnswerBody },
  { number: verdictNumbers.decline, kind: 'declined', verb: 'decline', body: declineBody },
  { number: verdictNumbers.withdraw, kind: 'withdrawn', verb: 'withdraw', body: plainAnswerBody },
] as const

const verdictOf = (message: AnswerDebtRequest) => {
  const verdict = verdicts.find(({ number }) => number === message.verdict)
  if (verdict === undefined) throw ledgerError('invalid_request', { detail: 'Give a verdict.' })
  const answer: DeclineBody = parse<DeclineBody>(verdict.body, answerBodyOf(message))
  return { kind: verdict.kind, verb: verdict.verb, answer }
}

interface Message {
  idempotencyKey: string
  ifVersion?: number
}

/** The command as HTTP would have brought it: the same path and body, so the same request. */
const incomingOf = <B>(caller: Caller, message: Message, path: string, body: B): Incoming<B> => ({
  caller,
  key: checkKey(message.idempotencyKey === '' ? undefined : message.idempotencyKey),
  path,
  ifMatch: ifMatchOf(message),
  body,
})

/** The use cases for one call: with its caller, and its deadline before the writer. */
const commandsOf = (deps: Deps, caller: Caller, call: GrpcCall) => {
  const isLate = () => call.signal.aborted || Date.now() >= call.deadlineMs
  const timely = { ...deps, writer: makeTimelyWriter(deps.writer, isLate) }
  const openDebt = makeOpenDebt(timely)
  const enterEntry = makeEnterEntry(timely)
  const answerDebt = makeAnswerDebt(timely)
  const answerEntry = makeAnswerEntry(timely)

  return {
    async open(message: OpenDebtRequest): Promise<DebtAnswer> {
      const body = parse(openBody, openBodyOf(message))
      const { debt, replayed } = await openDebt(incomingOf(caller, message, '/v1/debts', body))
      return { debt: debtMessage(debt), replayed }
    },
    async answerDebt(message: AnswerDebtRequest): Promise<DebtAnswer> {
      const id = idOf(message.debtId)
      const { kind, verb, answer } = verdictOf(message)
      const incoming = incomingOf(caller, message, `/v1/debts/${id}/${verb}`, answer)
      const { debt, replayed } = await answerDebt(id, kind, incoming)
      return { debt: debtMessage(debt), replayed }
    },
    async enter(message: EnterEntryRequest): Promise<EntryAnswer> {
      const id = idOf(message.debtId)
      const body = parse(entryBody, entryBodyOf(message))
      const incoming = incomingOf(caller, message, `/v1/debts/${id}/transactions`, body)
      const { entry, replayed } = await enterEntry(id, incoming)
      return { entry: entryMessage(entry), replayed }
    },
    async answerEntry(message: AnswerEntryRequest): Promise<EntryAnswer> {
      const place = { bookId: idOf(message.debtId), seq: seqOf(String(message.seq)) }
      const { kind, verb, answer } = verdictOf(message)
      const path = `/v1/debts/${place.bookId}/transactions/${place.seq}/${verb}`
      const incoming = incomingOf(caller, message, path, answer)
      const { entry, replayed } = await answerEntry(place, kind, incoming)
      return { entry: entryMessage(entry), replayed }
    },
  }
}

type Commands = ReturnType<typeof commandsOf>

/** Items of one debt one after the other, so that their order holds; debts side by side. */
const inOrderPer = async <M, A>(
  messages: M[],
  debtOf: (message: M, index: number) => string,
  act: (message: M) => Promise<A>,
): Promise<A[]> => {
  if (messages.length > commandsMax) {
    throw ledgerError('invalid_request', { detail: `At most ${commandsMax} commands at once.` })
  }
  const last = new Map<string, Promise<A>>()
  return Promise.all(
    messages.map((message, index) => {
      const debt = debtOf(message, index)
      const before = last.get(debt)
      const done = before === undefined ? act(message) : before.then(() => act(message))
      last.set(debt, done)
      return done
    }),
  )
}

export const makeLedgerService = (deps: Deps) => {
  const { authenticate, log } = deps
  const reads = makeLedgerReads(deps)

  const command = <Q, A>(carryOut: (commands: Commands, request: Q) => Promise<A>) =>
    refusing(log, async (request: Q, call: GrpcCall) => {
      // As over HTTP: the session's row is read by the command itself, in its turn.
      const caller = await callerOf(call, authenticate.token)
      return carryOut(commandsOf(deps, caller, call), request)
    })

  const outcomeOf = async <A>(done: Promise<A>): Promise<Outcome<A>> => {
    try {
      return { done: await done }
    } catch (error) {
      return { refused: refusalMessage(refusalOf(error, log)) }
    }
  }

  return serve(ledgerContract, {
    OpenDebt: command((commands, request) => commands.open(request)),
    OpenDebts: command(async (commands, { debts }: { debts: OpenDebtRequest[] }) => ({
      outcomes: await inOrderPer(
        debts,
        // The same key twice is the same debt twice.
        ({ idempotencyKey }) => idempotencyKey,
        (message) => outcomeOf(commands.open(message)),
      ),
    })),
    AnswerDebt: command((commands, request) => commands.answerDebt(request)),
    EnterEntry: command((commands, request) => commands.enter(request)),
    EnterEntries: command(async (commands, { entries }: { entries: EnterEntryRequest[] }) => ({
      outcomes: await inOrderPer(
        entries,
        ({ debtId }) => debtId,
        (message) => outcomeOf(commands.enter(message)),
      ),
    })),
    AnswerEntry: command((commands, request) => commands.answerEntry(request)),
    GetDebt: refusing(log, reads.debt),
    GetSummary: refusing(log, reads.summary),
    ListDebts: refusingStream(log, reads.debts),
    ListEntries: refusingStream(log, reads.entries),
  })
}

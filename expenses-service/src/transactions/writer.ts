/**
 * The writer, the only way into the journal: group commit. Requests queue; a turn takes what waits,
 * locks its books and loads (`load.ts`), decides in order (`turn.ts`), writes set by set (`save.ts`),
 * and answers after COMMIT was seen as COMMIT. It knows no HTTP and no debts: a command brings its own
 * rule.
 *
 * Who comes first goes at once. What comes while a turn runs is the next one: a turn costs hardly more
 * for some than for one. A turn begins beside another when enough wait, or when the other one is held
 * up, as it is by a lock.
 *
 * A fault of the database undoes the whole turn. It runs again once, and if that fails too, command by
 * command, so that one that cannot be written never fails its neighbours. A lost COMMIT reply is such
 * a fault: the keys tell the second run what the first one did.
 */
import type { Log } from '@quits/kit/log'
import { asLedgerError, ledgerError } from '../errors.ts'
import { addingEvents } from '../outbox/store.ts'
import { load, type Wanted } from './load.ts'
import { keeping } from './payment-key.ts'
import { saving } from './save.ts'
import { makeState } from './state.ts'
import { type Command, decideTurn, type Outcome, type Written } from './turn.ts'
import { type TurnConnection, passing } from './turn-connection.ts'

export type Writer = ReturnType<typeof makeWriter>

interface Waiting {
  command: Command<unknown>
  sinceMs: number
  settle(outcome: Outcome): void
}

/** Commands that wait at once; above it a caller hears 503 rather than waiting for long. */
const queueLengthMax = 4_096
/** The budget of a service; who waited longer has left. */
const waitMsMax = 5_000
export const commandsPerTurnMax = 64
/** So many are worth a turn of their own. */
const companyMin = 8
/** Several times as long as a turn. */
const patienceMs = 20

/** One turn at a time per connection. `wakeRelay`, that of the events, is called after each commit. */
export const makeWriter = (options: {
  connections: TurnConnection[]
  wakeRelay: () => void
  log: Log
}) => {
  const queue: Waiting[] = []
  const idle = [...options.connections]
  /** When each turn that runs began, the oldest first. */
  const running = new Map<TurnConnection, number>()
  let scheduled = false
  let patience: NodeJS.Timeout | undefined

  // After the requests of this event-loop turn were read: what came together travels together.
  const schedule = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      start()
    })
  }

  /** Endless where none runs. */
  const oldestAgeMs = (): number => {
    const [beganAtMs = Number.NEGATIVE_INFINITY] = running.values()
    return performance.now() - beganAtMs
  }

  const isDue = (): boolean => queue.length >= companyMin || oldestAgeMs() >= patienceMs

  const beginLater = () => {
    patience ??= setTimeout(() => {
      patience = undefined
      start()
    }, patienceMs - oldestAgeMs())
  }

  const start = () => {
    while (queue.length > 0) {
      if (idle.length > 0 && !isDue()) return beginLater()
      const connection = idle.pop()
      if (connection === undefined) return
      running.set(connection, performance.now())
      const batch = takeLive(queue, Date.now())
      void run(connection, batch).finally(() => {
        running.delete(connection)
        idle.push(connection)
        options.wakeRelay()
        if (queue.length > 0) schedule()
      })
    }
  }

  /** Settles every command of the batch; never rejects. */
  const run = async (connection: TurnConnection, batch: Waiting[]): Promise<void> => {
    const commands = batch.map(({ command }) => command)
    try {
      settleAll(batch, await twice(() => turn(connection, commands)))
    } catch (error) {
      options.log.warn({ err: error, commands: batch.length }, 'a turn failed')
      if (batch.length === 1) return settleAll(batch, [{ refusal: asLedgerError(error) }])
      for (const one of batch) {
        // While the database is silent each try costs seconds: nobody waits for those of the others.
        if (isLate(one, Date.now())) one.settle({ refusal: ledgerError('unavailable') })
        else await run(connection, [one])
      }
    }
  }

  return {
    /** Resolves when the command is durable; rejects with the refusal, which left no row. */
    async submit<R>(command: Command<R>): Promise<Written<R>> {
      if (queue.length >= queueLengthMax) throw ledgerError('busy')
      const settled = Promise.withResolvers<Outcome>()
      queue.push({ command, sinceMs: Date.now(), settle: settled.resolve })
      schedule()
      const outcome = await settled.promise
      if ('refusal' in outcome) throw outcome.refusal
      return outcome.written as Written<R>
    },
    queueLength: () => queue.length,
  }
}

const isLate = ({ sinceMs }: Waiting, nowMs: number): boolean => nowMs - sinceMs >= waitMsMax

const takeLive = (queue: Waiting[], nowMs: number): Waiting[] => {
  const taken = queue.splice(0, commandsPerTurnMax)
  for (const one of taken) {
    if (isLate(one, nowMs)) one.settle({ refusal: ledgerError('busy') })
  }
  return taken.filter((one) => !isLate(one, nowMs))
}

const settleAll = (batch: Waiting[], outcomes: Outcome[]) => {
  for (const [index, one] of batch.entries()) {
    one.settle(outcomes[index] ?? { refusal: ledgerError('internal') })
  }
}

const turn = (connection: TurnConnection, commands: Command<unknown>[]): Promise<Outcome[]> =>
  connection.transaction(async (client) => {
    const looks = commands.flatMap((command) =>
      command.look === undefined ? [] : [command.look.bind(command)],
    )
    const state = makeState(await load(client, wantedBy(commands), looks))
    const decided = decideTurn(commands, state)
    return {
      result: decided.outcomes,
      statements: [
        ...saving(decided.changes),
        ...keeping(decided.keys),
        ...addingEvents(decided.events),
      ],
      besides: decided.besides,
    }
  })

const wantedBy = (commands: Command<unknown>[]): Wanted => {
  const bookIds = new Set<string>()
  const sessionIds = new Set<string>()
  const keys: Wanted['keys'] = []
  const paymentKeys: Wanted['paymentKeys'] = []
  for (const command of commands) {
    const { userId, sessionId } = command.caller
    const { bookId, key } = command.request
    sessionIds.add(sessionId)
    for (const id of command.bookIds) bookIds.add(id)
    if (bookId === undefined) paymentKeys.push({ userId, key })
    else keys.push({ bookId, userId, key })
  }
  return {
    bookIds: [...bookIds].sort(),
    entries: commands.flatMap(({ entries }) => entries),
    keys,
    paymentKeys,
    sessionIds: [...sessionIds],
  }
}

/** Once more after a fault that may pass, or that leaves the outcome open. */
const twice = async <T>(act: () => Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    if (!passing(error)) throw error
    return act()
  }
}

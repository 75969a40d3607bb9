// G3: the service dies at a named point of a turn, seen on the wire: no switch in its code knows it.
import { setTimeout as delay } from 'node:timers/promises'
import { load, openDebts } from '../debts.ts'
import { type Journal, makeLedgerClient } from '../ledger-client.ts'
import { makePayer, type Payer } from '../payments.ts'
import { audit } from '../audit.ts'
import { doneMessage, parseMessage } from '../proxy/postgres-frames.ts'
import { anyOf, type Matching, once, passing, replacing } from '../proxy/rules.ts'
import { reconcile } from '../reconcile.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

interface Point extends Matching {
  name: string
  /** Whether what is seen still gets through. */
  action: 'pass-and-cut' | 'cut'
  on: 'toDatabase' | 'toService'
}

const asked = (name: string, label: RegExp, action: Point['action'] = 'cut'): Point => ({
  name,
  label,
  action,
  direction: 'request',
  on: 'toDatabase',
})
/** Statements over rows, whether one or many of them (expenses-service/src/statement.ts). */
const rowsOf = (table: string): RegExp => new RegExp(`^bind insert-${table}(-one)?$`)

const points: Point[] = [
  asked('before BEGIN', /^bind begin$/),
  asked('holding the locks', /^execute lock-books$/, 'pass-and-cut'),
  asked('before the rows', rowsOf('transactions')),
  asked('between rows and words', rowsOf('transaction_words')),
  asked('before a bundle is whole', rowsOf('bundles')),
  asked('before the events', rowsOf('outbox_batches')),
  asked('before COMMIT', /^bind commit$/),
  asked('with COMMIT on its way', /^execute commit$/, 'pass-and-cut'),
  { ...asked('before COMMIT is known', /^done COMMIT$/), direction: 'reply' },
  { ...asked('after COMMIT is known', /^done COMMIT$/, 'pass-and-cut'), direction: 'reply' },
  {
    ...asked('before the answer', /^HTTP\/1.1 201/),
    direction: 'reply',
    on: 'toService',
  },
]

const clients = 8
const effectsMax = 1_000_000
const strikeMsMax = 30_000
/** A service that is only killed does no work that could be lost. */
const answersBetween = 20

export const failpoints: Scenario = {
  id: 'G3',
  what: 'the service SIGKILLed at each named point of a turn: nothing lost or doubled, bundles whole',
  needs: 'any',
  async play(world, run) {
    const hitsEach = run.short ? 2 : 25
    const hits = new Map<string, number>(points.map(({ name }) => [name, 0]))
    const payer = await makePayer(world, run.random)
    const paying = keepPaying(payer)
    const found = await underLoad(world, run, 'points', async (journal) => {
      for (let n = 0; n < hitsEach; n += 1) {
        for (const point of points) {
          await Promise.race([answered(journal, answersBetween), paying.failure])
          if (await killAt(world, point)) hits.set(point.name, (hits.get(point.name) ?? 0) + 1)
        }
      }
    })
    await paying.stop()
    const bundleFaults = await payer.check()
    const bookFaults = await audit(world.admin, payer.bookIds)
    const twin = await underLoad(world, run, 'lies', () => lie(world))
    const fewest = Math.min(...hits.values())
    return {
      figures: {
        points: points.length,
        kills: [...hits.values()].reduce((sum, count) => sum + count, 0),
        fewestPerPoint: fewest,
        posts: found.acknowledged,
        bundles: payer.made(),
        lost: found.lost,
        doubled: found.doubled,
        twinLost: twin.lost,
      },
      faults: [
        ...found.faults,
        ...bundleFaults,
        ...bookFaults.map(({ what }) => what),
        ...[...hits].filter(([, count]) => count === 0).map(([name]) => `never met: ${name}`),
      ],
      struck: fewest,
      twinCaught: twin.lost > 0,
    }
  },
}

/** One payment after the other, until it is told to stop; `failure` rejects when one cannot be made. */
function keepPaying(payer: Payer): { stop: () => Promise<void>; failure: Promise<never> } {
  const stopping = new AbortController()
  const paying = (async () => {
    while (!stopping.signal.aborted) await payer.pay()
  })()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined) // heard at the next point
  paying.catch(failure.reject)
  return {
    stop() {
      stopping.abort()
      return paying
    },
    failure: failure.promise,
  }
}

/** Clients write as long as `act` goes on; then everything they were told is compared. */
async function underLoad(
  world: World,
  run: Run,
  prefix: string,
  act: (journal: Journal) => Promise<void>,
) {
  const { random } = run
  const debts = await openDebts(world, 2)
  const client = makeLedgerClient({ call: world.call, random })
  let goesOn = true
  const loading = load({
    client,
    debts,
    clients,
    random,
    prefix,
    count: effectsMax,
    goOn: () => goesOn,
  })
  try {
    await act(client.journal)
  } finally {
    goesOn = false
    world.toDatabase.setRule(passing)
    world.toService.setRule(passing)
  }
  await loading
  return reconcile(
    world.admin,
    client.journal,
    debts.map(({ id }) => id),
  )
}

/** Waits for some effects that clients were told of, within a bound. */
async function answered({ met }: Journal, count: number): Promise<void> {
  const wanted = met.done + count
  for (let waitedMs = 0; waitedMs < strikeMsMax && met.done < wanted; waitedMs += 5) await delay(5)
}

/** False when the point was not met in time. */
async function killAt(world: World, point: Point): Promise<boolean> {
  const { process } = world.service
  const met = Promise.withResolvers<boolean>()
  const strike = () => {
    // The signal leaves before the frame is delivered or kept back.
    met.resolve(process.kill('SIGKILL').then(() => true))
  }
  const proxy = world[point.on]
  proxy.setRule(once({ ...point, strike }))
  const giveUp = new AbortController()
  const late = delay(strikeMsMax, false, { signal: giveUp.signal }).catch(() => false)
  const struck = await Promise.race([met.promise, late])
  giveUp.abort()
  proxy.setRule(passing)
  if (struck) await process.restart()
  return struck
}

/** The broken twin: a database that says COMMIT and forgets. */
async function lie(world: World): Promise<void> {
  const forget = replacing({
    direction: 'request',
    label: /^parse commit$/,
    instead: parseMessage('commit', 'ROLLBACK'),
  })
  const pretend = replacing({
    direction: 'reply',
    label: /^done ROLLBACK$/,
    instead: doneMessage('COMMIT'),
  })
  world.toDatabase.setRule(anyOf(forget, pretend))
  world.toDatabase.cutAll() // each connection says once what it means by `commit`
  for (let waitedMs = 0; waitedMs < strikeMsMax && pretend.struck() < 3; waitedMs += 10) {
    await delay(10)
  }
}

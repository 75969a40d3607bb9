// `npm run feed -- …`: what an operator does with the feed.
//   npm run feed -- dead list [--all]
//   npm run feed -- dead replay KEY… | --all
//   npm run feed -- reconcile [USER…] [--mend] [--grace SECONDS]   (300: younger may be under way)
//   npm run feed -- rebuild USER…
// KAFKA_URL, BROKER_PREFIX, MONGO_URL, JOURNAL_ADDRESS (the internal gRPC of expenses) and
// FEED_RETENTION_DAYS name the surroundings, else those of the stack that runs here.
import { parseArgs } from 'node:util'
import { dead, UsageFailure } from './feed/dead.ts'
import { openGraveyard } from './feed/dead-letters.ts'
import { databaseOf, rebuildFeeds, reconcileFeeds, withRepairs } from './feed/repair.ts'
import { reasonOf } from './launcher/failure.ts'
import { defaultDataDir } from './launcher/house.ts'
import { readReady } from './launcher/ready.ts'

const usage = 'npm run feed -- dead list|replay, reconcile [USER…] [--mend], rebuild USER…'
const prefixDefault = 'quits'
const retentionDaysDefault = 90

interface Wish {
  all: boolean
  mend: boolean
  grace: string
}

const { env } = process
const here = readReady(defaultDataDir(env))

try {
  const { values, positionals } = parseArgs({
    options: {
      all: { type: 'boolean', default: false },
      mend: { type: 'boolean', default: false },
      grace: { type: 'string', default: '300' },
    },
    allowPositionals: true,
  })
  const [command, ...rest] = positionals
  await carryOut(command, rest, values)
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = error instanceof UsageFailure ? 2 : 1
}

async function carryOut(command: string | undefined, rest: string[], wish: Wish): Promise<void> {
  if (command === 'dead') return tell(await deadLetters(rest, wish))
  if (command === 'reconcile') return reconcile(rest, wish)
  if (command !== 'rebuild') throw new UsageFailure(usage)
  if (rest.length === 0) throw new UsageFailure('name the people whose feeds to rebuild')
  tell(await withRepairs(surroundings(), (repairs) => rebuildFeeds(rest, repairs)))
}

function tell(lines: string[]): void {
  for (const line of lines) console.log(line)
}

async function deadLetters(rest: string[], wish: Wish): Promise<string[]> {
  const kafka = env['KAFKA_URL'] || here?.servers.kafka
  const graveyard = await openGraveyard(
    named('KAFKA_URL', kafka),
    env['BROKER_PREFIX'] || prefixDefault,
  )
  try {
    return await dead(rest, wish, graveyard)
  } finally {
    await graveyard.close()
  }
}

async function reconcile(userIds: string[], { mend, grace }: Wish): Promise<void> {
  if (!/^\d{1,6}$/.test(grace)) throw new UsageFailure('--grace takes seconds')
  const wish = { mend, graceMs: Number(grace) * 1_000 }
  const { looked, broken } = await withRepairs(surroundings(), (repairs) =>
    reconcileFeeds(userIds, wish, repairs, console.log),
  )
  console.log(`${looked} feeds compared with the journal, ${broken} differ.`)
  if (broken > 0 && !mend) process.exitCode = 1
}

function surroundings() {
  const mongoUrl = named('MONGO_URL', env['MONGO_URL'] || here?.servers.mongo)
  const journal = env['JOURNAL_ADDRESS'] || here?.services.expenses?.internalGrpc
  return {
    mongoUrl,
    database: databaseOf(mongoUrl),
    journalAddress: named('JOURNAL_ADDRESS', journal),
    retentionDays: Number(env['FEED_RETENTION_DAYS'] || retentionDaysDefault),
  }
}

function named(variable: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`Nothing runs here: npm start, or set ${variable}.`)
  return value
}

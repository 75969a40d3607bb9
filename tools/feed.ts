// `npm run feed -- …`: what an operator does with the feed.
//   npm run feed -- dead list [--all]
//   npm run feed -- dead replay KEY… | --all
// KAFKA_URL and BROKER_PREFIX name the servers, else those of the stack that runs here.
import { parseArgs } from 'node:util'
import { dead, UsageFailure } from './feed/dead.ts'
import { openGraveyard } from './feed/dead-letters.ts'
import { reasonOf } from './launcher/failure.ts'
import { defaultDataDir } from './launcher/house.ts'
import { readReady } from './launcher/ready.ts'

const prefixDefault = 'quits'

try {
  const { values, positionals } = parseArgs({
    options: { all: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [command, ...rest] = positionals
  const lines = await carryOut(command, rest, values)
  for (const line of lines) console.log(line)
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = error instanceof UsageFailure ? 2 : 1
}

async function carryOut(
  command: string | undefined,
  rest: string[],
  wish: { all: boolean },
): Promise<string[]> {
  if (command !== 'dead') throw new UsageFailure('npm run feed -- dead list|replay')
  const kafka = process.env['KAFKA_URL'] || readReady(defaultDataDir(process.env))?.servers.kafka
  if (kafka === undefined) throw new Error('Nothing runs here: npm start, or set KAFKA_URL.')
  const graveyard = await openGraveyard(kafka, process.env['BROKER_PREFIX'] || prefixDefault)
  try {
    return await dead(rest, wish, graveyard)
  } finally {
    await graveyard.close()
  }
}

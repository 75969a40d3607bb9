// `npm run demo`: fills a running stack with a story, through the front door only.
//   npm run demo -- --seed 7 --people 8 --debts 40 --entries 2000
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Story } from './demo/acts.ts'
import { differences } from './demo/compare.ts'
import { askAt, DemoFailure, patiently } from './demo/front-door.ts'
import { lastDayOf, type Played, play } from './demo/play.ts'
import { demoPassword, inboxOf, signInAll, type Tokens } from './demo/sign-in.ts'
import { defaultSizes, makeStory } from './demo/story.ts'
import { castLines, sightLines } from './demo/tour.ts'
import { defaultDataDir } from './launcher/house.ts'
import { makeProgress } from './launcher/progress.ts'
import { readReady } from './launcher/ready.ts'

const defaultSeed = 1
const actsPerLine = 100

const progress = makeProgress(console.log, Date.now)
try {
  await tell(readStory())
} catch (error) {
  if (!(error instanceof DemoFailure || error instanceof RangeError)) throw error
  console.error(error.message)
  if (error instanceof DemoFailure) console.error(adviceFor(error))
  process.exitCode = 1
} finally {
  progress.close()
}

function readStory(): Story {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(defaultSeed) },
      people: { type: 'string', default: String(defaultSizes.people) },
      debts: { type: 'string', default: String(defaultSizes.debts) },
      entries: { type: 'string', default: String(defaultSizes.entries) },
    },
  })
  const { seed, people, debts, entries } = values
  if (!/^\d{1,9}$/.test(seed)) throw new RangeError(`seed must be digits, not "${seed}"`)
  const sizes = { people: Number(people), debts: Number(debts), entries: Number(entries) }
  return makeStory(Number(seed), sizes)
}

async function tell(story: Story): Promise<void> {
  const dataDir = defaultDataDir(process.env)
  const ready = readReady(dataDir)
  if (ready?.url === undefined) {
    throw new RangeError(`No stack runs in ${dataDir}: npm start in another terminal, then again.`)
  }
  const ask = patiently(askAt(ready.url), delay)
  const entrance = { ask, lettersTo: inboxOf(askAt(ready.inbox)), wait: delay }
  const tokens = await signIn(story, entrance)
  const played = await perform(story, ask, tokens)
  const found = await differences(story, played.debtIds, { ask, tokens })
  await Promise.all(
    [...tokens.values()].map((token) =>
      ask('POST', '/v1/auth/logout', {
        token,
        body: {},
      }),
    ),
  )
  report(story, played, found, { url: ready.url, inbox: ready.inbox })
}

async function signIn(story: Story, entrance: Parameters<typeof signInAll>[1]): Promise<Tokens> {
  const part = progress.part('people')
  const { length } = story.people
  part.say(`signing in ${length}; only a few may do so per minute`)
  let arrived = 0
  const tokens = await signInAll(story.people, entrance, ({ name }) => {
    arrived += 1
    part.say(`signing in: ${name} is here, ${arrived} of ${length}`)
  })
  part.ready(`${tokens.size} are signed in`)
  return tokens
}

async function perform(
  story: Story,
  ask: ReturnType<typeof askAt>,
  tokens: Tokens,
): Promise<Played> {
  const part = progress.part('story')
  const { length } = story.acts
  part.say(`${length} things to tell`)
  const lastDay = await lastDayOf(story, ask, tokens)
  const onAct = (done: number) => {
    if (done % actsPerLine === 0) part.say(`${done} of ${length}`)
  }
  const played = await play(story, { ask, tokens, lastDay, onAct })
  part.ready(`${played.written} new, ${played.recognised} were there already`)
  return played
}

function report(
  story: Story,
  played: Played,
  found: string[],
  { url, inbox }: { url: string; inbox: string },
): void {
  const { people, debts, entries } = story.sizes
  console.log(`
${people} people, ${debts} debts and ${entries} entries in EUR, JPY and KWD are in Quits.
${standing(played, found)}

Sign in at ${url} with the password ${demoPassword}
(or ask for a code: it arrives at ${inbox})
${castLines(story).join('\n')}

Worth a look
${sightLines(story).join('\n')}
`)
}

/** What people changed by hand since is theirs; after a first telling nothing may differ. */
function standing({ written }: Played, found: string[]): string {
  if (found.length === 0)
    return 'Every balance is what the story says, for both sides of each debt.'
  if (written > 0) process.exitCode = 1
  const cause = written > 0 ? 'differs from the story' : 'was changed since the story was told'
  return [`This ${cause}:`, ...found.map((line) => `  ${line}`)].join('\n')
}

function adviceFor({ code }: DemoFailure): string {
  return code === 'idempotency_key_reused'
    ? 'An older edition of the story is there. Start with an empty QUITS_DATA_DIR for the new one.'
    : 'The story is not told to its end; npm run demo goes on where it stopped.'
}

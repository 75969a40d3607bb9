// `npm run feed -- dead list|replay`: what the notifier could not read, and another try at it.
import { type DeadLetter, deadLetterKey } from '@quits/proto/dead-letters'
import type { Burial, Graveyard } from './dead-letters.ts'

/** A wish that can't be fulfilled as it was typed; the message says what can. */
export class UsageFailure extends Error {
  override name = 'UsageFailure'
}

/** What to print. `replay` names letters by key, or `--all` that were not sent again yet. */
export async function dead(
  [action = 'list', ...names]: string[],
  wish: { all: boolean },
  graveyard: Pick<Graveyard, 'list' | 'replay'>,
): Promise<string[]> {
  const burials = await graveyard.list()
  const waiting = burials.filter(({ replayedAt }) => replayedAt === undefined)
  if (action === 'list') return linesOf(wish.all ? burials : waiting, burials.length)
  if (action !== 'replay') throw new UsageFailure(`dead ${action}: list or replay`)
  const wished = wish.all ? waiting : named(burials, names)
  // Half a record is another record: its sender has to send it once more.
  const chosen = wished.filter(({ letter }) => letter.cut === undefined)
  const cut = wished.filter(({ letter }) => letter.cut !== undefined)
  await graveyard.replay(
    chosen.map(({ letter }) => letter),
    () => new Date(),
  )
  const sent = chosen.map(({ letter }) => `sent again: ${deadLetterKey(letter)}`)
  const left = cut.map(({ letter }) => `not sent, it was cut: ${deadLetterKey(letter)}`)
  return [...sent, ...left, `${chosen.length} sent to where they came from.`]
}

function named(burials: Burial[], names: string[]): Burial[] {
  if (names.length === 0) throw new UsageFailure('name the letters, or --all')
  return names.map((name) => {
    const burial = burials.find(({ letter }) => deadLetterKey(letter) === name)
    if (burial === undefined) throw new UsageFailure(`no dead letter is called ${name}`)
    return burial
  })
}

function linesOf(shown: Burial[], known: number): string[] {
  const blocks = shown.flatMap(({ letter, replayedAt }) => [
    `${deadLetterKey(letter)}  ${letter.at}  ${replayedAt === undefined ? '' : 'sent again'}`.trim(),
    `  ${letter.reason}`,
    ...detailsOf(letter.stack, letter.reason).map((line) => `    ${line}`),
    ...cutOf(letter),
  ])
  const hidden = known - shown.length
  const rest = hidden === 0 ? '' : `, ${hidden} sent again before (--all shows them)`
  return [...blocks, `${shown.length} dead letters${rest}.`]
}

const cutOf = ({ cut, value }: DeadLetter): string[] =>
  cut === undefined
    ? []
    : [`  cut: it has ${value.length} of ${cut.valueLength} characters and can't be sent again`]

const stackLinesShown = 8

const detailsOf = (stack: string, reason: string): string[] =>
  stack
    .split('\n')
    .filter((line) => line !== '' && line !== reason)
    .slice(0, stackLinesShown)

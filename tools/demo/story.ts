// The story that `npm run demo` tells: a pure function of a seed and of sizes.
import type { Debt, Party, Person, Sizes, Story } from './acts.ts'
import { writeChapter } from './chapter.ts'
import { openPage } from './page.ts'
import { type Plot, plots } from './plots.ts'
import { makeRandom } from './random.ts'
import { givenNames, mailDomain } from './words.ts'

export const defaultSizes: Sizes = { people: 8, debts: 40, entries: 2_000 }
/** Letters that tell people of one given name apart. */
const nameRoundsMax = 26
const daysInStory = 365
/** With fewer, a debt could not be closed and opened again. */
const entriesOfLiveDebtMin = 2

/** Throws a RangeError that says which size cannot be. */
export function makeStory(seed: number, sizes: Sizes = defaultSizes): Story {
  const people = castOf(sizes.people)
  const chosen = Array.from({ length: sizes.debts }, (_, index) => plotOf(index))
  const shares = share(sizes.entries - sizes.debts, chosen)
  const random = makeRandom(seed)
  const pages = chosen.map((plot, index) => {
    const page = openPage(debtOf(plot, index, people))
    writeChapter(page, daysMoved(plot, index, random.whole), shares[index] ?? 0, random)
    return page
  })
  const acts = pages.flatMap((page) => page.acts)
  return {
    seed,
    sizes,
    people,
    debts: pages.map((page) => page.debt),
    // The sort is stable: within a day each debt keeps its own order.
    acts: acts.sort((a, b) => b.daysAgo - a.daysAgo),
  }
}

function castOf(count: number): Person[] {
  const namesMax = givenNames.length * nameRoundsMax
  const peopleMin = defaultSizes.people
  if (!isWholeWithin(count, peopleMin, namesMax)) {
    throw new RangeError(`people must be from ${peopleMin} to ${namesMax}`)
  }
  return Array.from({ length: count }, (_, index) => {
    const given = givenNames[index % givenNames.length] ?? ''
    const letter = letterOf(Math.floor(index / givenNames.length))
    const name = letter === '' ? given : `${given} ${letter}.`
    const local = letter === '' ? given : `${given}-${letter}`
    return { name, email: `${local.toLowerCase()}@${mailDomain}` }
  })
}

/** The first round needs no letter, the second one has B. */
const letterOf = (round: number) => (round === 0 ? '' : String.fromCodePoint(65 + round))

function plotOf(index: number): Plot {
  const plot = plots[index % plots.length]
  if (plot === undefined) throw new RangeError('there is no plot')
  return plot
}

/** Each telling of a plot moves everybody on by one, so that other people meet. */
function debtOf(plot: Plot, index: number, people: Person[]) {
  const telling = Math.floor(index / plots.length)
  const partyOf = (side: Plot['lender']): Party => {
    if (typeof side !== 'number') return side
    const person = people[(side + telling) % people.length]
    if (person === undefined) throw new RangeError('nobody is there')
    return person
  }
  const { ending, owner, currency, description, category, dueInDays } = plot
  return {
    id: `d${String(index + 1).padStart(3, '0')}`,
    ending,
    lender: partyOf(plot.lender),
    borrower: partyOf(plot.borrower),
    owner,
    currency,
    description,
    category,
    ...(dueInDays === undefined ? {} : { dueInDays }),
  } satisfies Partial<Debt>
}

/** The first telling keeps its days; a later one begins some days earlier or later. */
function daysMoved(plot: Plot, index: number, whole: (min: number, max: number) => number): Plot {
  if (index < plots.length) return plot
  const [first, last] = plot.days
  const moved = whole(-Math.min(20, last), Math.min(20, daysInStory - first))
  return { ...plot, days: [first + moved, last + moved] }
}

/** Deals entries out by weight; what is left over goes to the first ones. */
function share(entries: number, chosen: Plot[]): number[] {
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0)
  const shares = chosen.map(({ weight }) => Math.floor((entries * weight) / weights))
  let left = entries - shares.reduce((sum, count) => sum + count, 0)
  const dealt = shares.map((count, index) => {
    if (left === 0 || chosen[index]?.weight === 0) return count
    left -= 1
    return count + 1
  })
  const starved = dealt.some(
    (count, index) => chosen[index]?.weight !== 0 && count < entriesOfLiveDebtMin,
  )
  if (starved || !isWholeWithin(chosen.length, 1, 10_000) || !Number.isSafeInteger(entries)) {
    throw new RangeError('debts must be 1 or more, and entries about four times as many or more')
  }
  return dealt
}

const isWholeWithin = (count: number, min: number, max: number) =>
  Number.isInteger(count) && count >= min && count <= max

// What happens in one debt, from its first day to its last. Pure: the same chance, the same chapter.
import type { EntryKind, Role } from './acts.ts'
import type { Answer, Page } from './page.ts'
import type { Plot, Thing } from './plots.ts'
import type { Random } from './random.ts'
import { clearedNotes, declinedReasons, notesOf, priceStep, roundSum } from './words.ts'

/** Above this many times the dearest thing it is time to pay something back. */
const patience = 3n

/** Writes the opening and `entryCount` further entries, with the answers they get. */
export function writeChapter(page: Page, plot: Plot, entryCount: number, random: Random): void {
  const { debt } = page
  const [firstDay, lastDay] = plot.days
  page.open(firstDay, priceOf(plot.things[0], debt.currency, random))
  switch (plot.ending) {
    case 'proposed':
      return
    case 'declined': {
      const reason = plot.reason === undefined ? {} : { reason: plot.reason }
      return page.answerDebt(firstDay, { verdict: 'declined', ...reason })
    }
    case 'withdrawn':
      return page.answerDebt(firstDay, { verdict: 'withdrawn' })
    case 'unjoined':
    case 'one-sided':
      break
    case 'open':
    case 'settled':
    case 'reopened':
      page.answerDebt(firstDay, { verdict: 'accepted' })
  }
  const days = spread(firstDay, lastDay, entryCount, random)
  const clearAt = clearingOf(plot, entryCount)
  for (const [index, day] of days.entries()) {
    const last = index === entryCount - 1
    if (index === clearAt) clear(page, day, random)
    else if (last && plot.ending === 'open') leaveWaiting(page, plot, day, random)
    else if (last && plot.ending === 'unjoined') askBack(page, day)
    else liveOn(page, plot, day, random)
  }
}

/** Which of the entries pays everything back. */
function clearingOf({ ending }: Plot, entryCount: number): number | undefined {
  if (ending === 'settled') return entryCount - 1
  return ending === 'reopened' ? Math.floor((entryCount - 1) / 2) : undefined
}

/** Days of `count` entries, one after the other, each somewhere in its own stretch of time. */
function spread(first: number, last: number, count: number, random: Random): number[] {
  const stretch = (first - last) / count
  return Array.from({ length: count }, (_, index) =>
    index === count - 1
      ? last
      : random.whole(Math.ceil(first - (index + 1) * stretch), Math.floor(first - index * stretch)),
  )
}

/** Somebody enters something, and it is answered. */
function liveOn(page: Page, plot: Plot, day: number, random: Random): void {
  const { debt } = page
  // Nobody is there yet who could answer, so a wait for consent would only pile up.
  if (debt.ending === 'unjoined') return spend(page, plot, day, debt.owner, random)
  const dearest = plot.things.reduce((most, [, , max]) => (max > most ? max : most), 0n)
  const much = debt.balanceMinor > dearest * patience
  if (debt.balanceMinor < roundSum[debt.currency] || (!much && random.chance(0.55))) {
    return spend(page, plot, day, sideOf(page, random), random)
  }
  if (!much && random.chance(0.15)) return forgive(page, day, random)
  return payBackPart(page, day, sideOf(page, random), random)
}

function spend(page: Page, plot: Plot, day: number, by: Role, random: Random): void {
  const thing = nextThing(page, plot, random)
  const amountMinor = priceOf(thing, page.debt.currency, random)
  enterAnswered(page, day, { by, kind: 'advance', amountMinor, note: thing[0] }, random)
}

/** Not the same thing twice in a row, where there is another. */
function nextThing(page: Page, plot: Plot, random: Random): Thing {
  const notes = page.acts.map((act) => (act.does === 'enter' ? act.note : undefined))
  const last = notes.findLast((note) => plot.things.some((thing) => thing[0] === note))
  const [first, ...rest] = plot.things.filter((thing) => thing[0] !== last)
  return first === undefined ? plot.things[0] : random.pick([first, ...rest])
}

function payBackPart(page: Page, day: number, by: Role, random: Random): void {
  const amountMinor = roundPart(page, BigInt(random.whole(25, 80)))
  const note = random.pick(notesOf.repayment)
  enterAnswered(page, day, { by, kind: 'repayment', amountMinor, note }, random)
}

/** A round sum, and never all that is owed: what is left keeps the debt open. */
function roundPart({ debt }: Page, percent: bigint): bigint {
  const part = (debt.balanceMinor * percent) / 100n
  const step = roundSum[debt.currency]
  return part > step ? part - (part % step) : part
}

/** A gift is small, and most often the giver writes it down. */
function forgive(page: Page, day: number, random: Random): void {
  const { debt } = page
  const amountMinor = roundPart(page, 10n)
  const by = debt.ending === 'one-sided' ? debt.owner : 'lender'
  page.enter(day, { by, kind: 'forgiveness', amountMinor, note: random.pick(notesOf.forgiveness) })
}

function clear(page: Page, day: number, random: Random): void {
  const by = sideOf(page, random)
  const amountMinor = page.debt.balanceMinor
  const note = random.pick(clearedNotes)
  page.enter(day, { by, kind: 'repayment', amountMinor, note }, { verdict: 'accepted' })
}

/** The newest entry of an open debt is still to be answered, by one side or the other. */
function leaveWaiting(page: Page, plot: Plot, day: number, random: Random): void {
  if (random.chance(0.5)) return askBack(page, day)
  const thing = nextThing(page, plot, random)
  const amountMinor = priceOf(thing, page.debt.currency, random)
  return page.enter(day, { by: 'lender', kind: 'advance', amountMinor, note: thing[0] })
}

/** The borrower says that half is paid back; it counts when the lender says so too. */
function askBack(page: Page, day: number): void {
  const amountMinor = roundPart(page, 50n)
  page.enter(day, { by: 'borrower', kind: 'repayment', amountMinor, note: 'by bank transfer' })
}

function enterAnswered(
  page: Page,
  day: number,
  wish: { by: Role; kind: EntryKind; amountMinor: bigint; note?: string | undefined },
  random: Random,
): void {
  // From zero the debt has to move on, or a reopened one would stay closed.
  const answer = page.debt.balanceMinor === 0n ? accepted : answerTo(page, wish, random)
  page.enter(day, wish, page.posts(wish.by, wish.kind) ? undefined : answer)
}

const accepted: Answer = { verdict: 'accepted' }

function answerTo(page: Page, wish: { amountMinor: bigint }, random: Random): Answer {
  if (random.chance(0.78)) return accepted
  if (random.chance(0.35)) return { verdict: 'withdrawn' }
  const { text, suggests } = random.pick(declinedReasons)
  const halfMinor = wish.amountMinor / 2n
  const step = priceStep[page.debt.currency]
  const suggestedMinor = halfMinor - (halfMinor % step)
  const suggestion = suggests && suggestedMinor > 0n ? { suggestedMinor } : {}
  return { verdict: 'declined', reason: text, ...suggestion }
}

/** Who enters the next thing; only the owner where nobody else has come. */
function sideOf({ debt }: Page, random: Random): Role {
  if (debt.ending === 'one-sided' || debt.ending === 'unjoined') return debt.owner
  return random.pick(['lender', 'borrower'])
}

const priceOf = ([, min, max]: Thing, currency: keyof typeof priceStep, random: Random): bigint =>
  random.amount(min, max, priceStep[currency])

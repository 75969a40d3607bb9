import { describe, expect, test } from 'vitest'
import type { Act, Debt, Ending, Story } from './acts.ts'
import { defaultSizes, makeStory } from './story.ts'

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)
const endings: Ending[] = [
  ...(['open', 'settled', 'reopened', 'unjoined', 'one-sided'] as const),
  ...(['proposed', 'declined', 'withdrawn'] as const),
]

interface Tally {
  balance: bigint
  /** How often nothing was left. */
  closings: number
  pending: Map<string, { kind: string; amount: bigint }>
  faults: string[]
}

/** The rules of a debt told once more, without a word shared with the writer of the story. */
const reckon = (tally: Tally, act: Act, posts: boolean): void => {
  const move = (kind: string, amount: bigint) => {
    tally.balance += kind === 'advance' ? amount : -amount
    if (tally.balance === 0n) tally.closings += 1
    if (tally.balance < 0n) tally.faults.push(`${act.id} pays back too much`)
  }
  if (act.does === 'open' || act.does === 'enter') {
    const kind = act.does === 'open' ? 'advance' : act.kind
    if (act.amountMinor <= 0n) tally.faults.push(`${act.id} is no amount`)
    if (posts) move(kind, act.amountMinor)
    else tally.pending.set(act.id, { kind, amount: act.amountMinor })
    return
  }
  const [opening] = tally.pending.keys()
  const id = act.does === 'answer' ? act.entryId : opening
  const entry = id === undefined ? undefined : tally.pending.get(id)
  if (act.does === 'answer' && entry === undefined) tally.faults.push(`${act.id} answers nothing`)
  if (id !== undefined) tally.pending.delete(id)
  if (act.verdict === 'accepted' && entry !== undefined) move(entry.kind, entry.amount)
  else if (act.does === 'answer debt' && act.verdict === 'declined') tally.balance = 0n
}

/** One debt gone through act by act. */
const tallyOf = ({ acts, people }: Story, debt: Debt): Tally => {
  const own = acts.filter((act) => act.debtId === debt.id)
  const parties = { [`${debt.lender.email}`]: 'lender', [`${debt.borrower.email}`]: 'borrower' }
  const alone = debt.lender.email === undefined || debt.borrower.email === undefined
  const tally: Tally = { balance: 0n, closings: 0, pending: new Map(), faults: [] }
  for (const [index, act] of own.entries()) {
    const role = parties[act.by]
    const raises = act.does === 'open' || (act.does === 'enter' && act.kind === 'advance')
    reckon(tally, act, alone || role === (raises ? 'borrower' : 'lender'))
    if (role === undefined) tally.faults.push(`${act.id} is done by a stranger`)
    if (!people.some(({ email }) => email === act.by)) tally.faults.push(`nobody is ${act.by}`)
    if ((index === 0) !== (act.does === 'open')) tally.faults.push(`${act.id} is out of order`)
    if (act.daysAgo < 0 || act.daysAgo > 365) tally.faults.push(`${act.id} is not in the year`)
  }
  return tally
}

/** Everything that cannot be in a story. */
const faultsOf = (story: Story): string[] =>
  story.debts.flatMap((debt) => {
    const { balance, pending, faults } = tallyOf(story, debt)
    const sum = (raises: boolean) =>
      [...pending.values()]
        .filter(({ kind }) => (kind === 'advance') === raises)
        .reduce((total, { amount }) => total + amount, 0n)
    const stands = [balance, sum(true), sum(false)].join(' ')
    const told = [debt.balanceMinor, debt.pendingInMinor, debt.pendingOutMinor].join(' ')
    if (stands !== told) faults.push(`${debt.id} stands at ${stands}, told is ${told}`)
    if (sum(false) > balance) faults.push(`${debt.id} would be paid back twice`)
    return faults
  })

const entriesOf = ({ acts }: Story) =>
  acts.filter((act) => act.does === 'open' || act.does === 'enter')

describe('the story', () => {
  const story = makeStory(1)

  test('is the same for the same seed, and another for another', () => {
    expect(makeStory(1)).toEqual(story)
    expect(makeStory(2).acts).not.toEqual(story.acts)
  })

  test('has eight people, forty debts and two thousand entries in three currencies', () => {
    expect(story.people).toHaveLength(8)
    expect(story.debts).toHaveLength(40)
    expect(entriesOf(story)).toHaveLength(2_000)
    expect(new Set(story.debts.map(({ currency }) => currency))).toEqual(
      new Set(['EUR', 'JPY', 'KWD']),
    )
    expect(new Set(story.acts.map(({ id }) => id)).size).toBe(story.acts.length)
  })

  test('has debts of every ending, and each stands as its ending says', () => {
    expect(new Set(story.debts.map(({ ending }) => ending))).toEqual(new Set(endings))
    for (const { ending, status, balanceMinor } of story.debts) {
      const closed = ['proposed', 'settled', 'declined', 'withdrawn'].find((one) => one === ending)
      expect(status).toBe(closed ?? 'open')
      expect(balanceMinor === 0n).toBe(closed !== undefined)
    }
  })

  test('has entries of every kind, answered in every way, with words', () => {
    const kinds = entriesOf(story).map((act) => (act.does === 'enter' ? act.kind : 'advance'))
    expect(new Set(kinds)).toEqual(new Set(['advance', 'repayment', 'forgiveness']))
    const answers = story.acts.filter((act) => act.does === 'answer')
    expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(
      new Set(['accepted', 'declined', 'withdrawn']),
    )
    for (const { verdict, reason } of answers)
      expect(reason !== undefined).toBe(verdict === 'declined')
    expect(answers.some(({ suggestedMinor }) => suggestedMinor !== undefined)).toBe(true)
    expect(story.debts.some(({ pendingInMinor }) => pendingInMinor > 0n)).toBe(true)
    expect(story.debts.some(({ pendingOutMinor }) => pendingOutMinor > 0n)).toBe(true)
  })

  test('goes on all through the year', () => {
    const months = new Set(story.acts.map(({ daysAgo }) => Math.floor(daysAgo / 30.5)))
    expect(months.size).toBe(12)
  })

  test.each(seeds)('never pays back more than is owed, with seed %i', (seed) => {
    expect(faultsOf(makeStory(seed))).toEqual([])
  })

  test('closes a reopened debt in the middle, and goes on after that', () => {
    for (const seed of seeds) {
      const story = makeStory(seed)
      const reopened = story.debts.filter(({ ending }) => ending === 'reopened')
      const closings = reopened.map((debt) => tallyOf(story, debt).closings)
      expect(closings).toEqual([1, 1, 1, 1])
    }
  })

  test('can be ten times as big, with the same promises', () => {
    const sizes = { people: 30, debts: 200, entries: 2_000 }
    const big = makeStory(7, sizes)
    expect(entriesOf(big)).toHaveLength(2_000)
    expect(new Set(big.people.map(({ email }) => email)).size).toBe(30)
    expect(faultsOf(big)).toEqual([])
  })

  test.each([
    { ...defaultSizes, people: 3 },
    { ...defaultSizes, entries: 30 },
    { ...defaultSizes, debts: 0 },
    { ...defaultSizes, entries: 200.5 },
  ])('says which size cannot be: %o', (sizes) => {
    expect(() => makeStory(1, sizes)).toThrow(RangeError)
  })
})

describe('a broken story is caught', () => {
  const story = makeStory(1)
  const last = story.acts.findLast((act) => act.does === 'enter' && act.kind === 'repayment')
  if (last?.does !== 'enter') throw new Error('the story has no repayment')

  test('that pays back too much', () => {
    const debt = story.debts.find(({ id }) => id === last.debtId)
    const amountMinor = (debt?.balanceMinor ?? 0n) + 1n
    const extra: Act = { ...last, id: 'extra', by: debt?.lender.email ?? '', amountMinor }
    const broken = { ...story, acts: [...story.acts, extra] }
    expect(faultsOf(broken)).toContain('extra pays back too much')
  })

  test('that answers an entry twice', () => {
    const answer = story.acts.find((act) => act.does === 'answer')
    if (answer === undefined) throw new Error('the story has no answer')
    const broken = { ...story, acts: [...story.acts, { ...answer, id: 'again' }] }
    expect(faultsOf(broken)).toContain('again answers nothing')
  })

  test('that tells a balance which is not the sum of its entries', () => {
    const [first, ...rest] = story.debts
    if (first === undefined) throw new Error('the story has no debt')
    const broken = { ...story, debts: [{ ...first, balanceMinor: 1n }, ...rest] }
    expect(faultsOf(broken).join()).toContain(`${first.id} stands at`)
  })
})

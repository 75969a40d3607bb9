// One debt while its chapter is being written: every act goes through here, so that the debt's
// standing is always the sum of what was done.
import type { Act, Debt, EntryKind, Role, Verdict } from './acts.ts'

interface Wish {
  by: Role
  kind: EntryKind
  amountMinor: bigint
  note?: string | undefined
}

export interface Answer {
  verdict: Verdict
  reason?: string
  suggestedMinor?: bigint
}

export interface Page {
  readonly acts: Act[]
  readonly debt: Debt
  /** True when an entry of this kind by this side needs nobody's consent. */
  posts: (by: Role, kind: EntryKind) => boolean
  open: (daysAgo: number, amountMinor: bigint) => void
  answerDebt: (daysAgo: number, answer: Pick<Answer, 'verdict' | 'reason'>) => void
  /** Enters something; what does not post waits, unless it is answered on the same day. */
  enter: (daysAgo: number, wish: Wish, answer?: Answer) => void
}

const otherSide = { lender: 'borrower', borrower: 'lender' } as const

export function openPage(start: Omit<Debt, 'status' | `${string}Minor`>): Page {
  const debt: Debt = {
    ...start,
    status: 'open',
    balanceMinor: 0n,
    pendingInMinor: 0n,
    pendingOutMinor: 0n,
  }
  const acts: Act[] = []
  const answering = otherSide[debt.owner]
  const oneSided = debt[answering].email === undefined

  const done = (by: Role, daysAgo: number) => {
    const { email } = debt[by]
    if (email === undefined) throw new RangeError(`${debt.id}: ${debt[by].name} has no account`)
    return { id: `${debt.id}.${acts.length + 1}`, debtId: debt.id, by: email, daysAgo }
  }
  const move = (kind: EntryKind, amountMinor: bigint) => {
    debt.balanceMinor += kind === 'advance' ? amountMinor : -amountMinor
    debt.status = debt.balanceMinor === 0n ? 'settled' : 'open'
  }
  const wait = (kind: EntryKind, amountMinor: bigint) => {
    if (kind === 'advance') debt.pendingInMinor += amountMinor
    else debt.pendingOutMinor += amountMinor
  }
  const posts = (by: Role, kind: EntryKind) =>
    oneSided || (kind === 'advance' ? by === 'borrower' : by === 'lender')

  return {
    acts,
    debt,
    posts,
    open(daysAgo, amountMinor) {
      acts.push({ ...done(debt.owner, daysAgo), does: 'open', amountMinor })
      if (posts(debt.owner, 'advance')) return move('advance', amountMinor)
      debt.status = 'proposed'
      return wait('advance', amountMinor)
    },
    answerDebt(daysAgo, { verdict, reason }) {
      const by = verdict === 'withdrawn' ? debt.owner : answering
      const why = reason === undefined ? {} : { reason }
      acts.push({ ...done(by, daysAgo), does: 'answer debt', verdict, ...why })
      const { pendingInMinor } = debt
      debt.pendingInMinor = 0n
      if (verdict !== 'accepted') debt.balanceMinor = 0n
      if (verdict === 'accepted') move('advance', pendingInMinor)
      else debt.status = verdict
    },
    enter(daysAgo, { by, kind, amountMinor, note }, answer) {
      const words = note === undefined ? {} : { note }
      const entry = { ...done(by, daysAgo), does: 'enter' as const, kind, amountMinor, ...words }
      acts.push(entry)
      if (posts(by, kind)) return move(kind, amountMinor)
      if (answer === undefined) return wait(kind, amountMinor)
      const answerer = answer.verdict === 'withdrawn' ? by : otherSide[by]
      acts.push({ ...done(answerer, daysAgo), does: 'answer', entryId: entry.id, ...answer })
      return answer.verdict === 'accepted' ? move(kind, amountMinor) : undefined
    },
  }
}

// A debt as arithmetic: what the rules of consent say, in BigInt and without a database. It shares no
// line with the service; where they differ, one of them is wrong.

export type Actor = 'owner' | 'other' | 'stranger'
export type Role = 'lender' | 'borrower'
export type EntryKind = 'advance' | 'repayment' | 'forgiveness'
export type Verb = 'accept' | 'decline' | 'withdraw'
export type Opening = { role: Role; oneSided: boolean; amountMinor: bigint }

type Standing = 'posted' | 'pending' | 'declined' | 'withdrawn' | 'reversed'

interface ModelEntry {
  kind: string
  amountMinor: bigint
  by: Actor
  standing: Standing
  /** A row that answers or undoes another cannot itself be answered. */
  intent: boolean
}

export type Expected =
  | { status: 200 | 201; seq?: number }
  | { status: 403 | 404 | 409 | 422; code: string }

export interface DebtModel {
  status: () => string
  balanceMinor: () => bigint
  /** Waiting amounts that would raise and lower the balance. */
  pending: () => { in: bigint; out: bigint }
  rows: () => number
  /** Standing of each row, oldest first. */
  standings: () => Standing[]
  enter: (by: Actor, kind: EntryKind, amountMinor: bigint) => Expected
  answerEntry: (by: Actor, verb: Verb, seq: number) => Expected
  answerDebt: (by: Actor, verb: Verb) => Expected
}

const amountMinorMax = 10n ** 15n
const outcomeOf = { accept: 'posted', decline: 'declined', withdraw: 'withdrawn' } as const
const refusal = (status: 403 | 404 | 409 | 422, code: string): Expected => ({ status, code })
const notFound = refusal(404, 'not_found')
const answered = refusal(409, 'already_answered')
const notYours = refusal(403, 'not_yours_to_answer')
const raises = (kind: string) => kind === 'advance'

/** `bent` is the broken twin: a model that lets people repay more than they owe. */
export function makeDebtModel(opening: Opening, bent = false): DebtModel {
  const { role: ownersRole, oneSided } = opening
  const othersRole: Role = ownersRole === 'lender' ? 'borrower' : 'lender'
  const roleOf = (by: Actor): Role => (by === 'owner' ? ownersRole : othersRole)
  const isParty = (by: Actor) => by === 'owner' || (by === 'other' && !oneSided)

  const waits = ownersRole === 'lender' && !oneSided
  let status = waits ? 'proposed' : 'open'
  let balance = waits ? 0n : opening.amountMinor
  let othersSeatTaken = false
  let openingAnswered = false
  const entries: ModelEntry[] = [
    {
      kind: 'advance',
      amountMinor: opening.amountMinor,
      by: 'owner',
      standing: waits ? 'pending' : 'posted',
      intent: true,
    },
  ]

  const add = (entry: Omit<ModelEntry, 'intent'>, intent: boolean) =>
    entries.push({ ...entry, intent })
  const settle = () => {
    status = balance === 0n ? 'settled' : 'open'
  }
  const takeSeat = (by: Actor) => {
    if (by === 'other') othersSeatTaken = true
  }
  const boundOf = (kind: string, amountMinor: bigint): Expected | undefined => {
    if (!raises(kind) && amountMinor > balance && !bent) return refusal(422, 'overpayment')
    const after = raises(kind) ? balance + amountMinor : balance - amountMinor
    return after > amountMinorMax ? refusal(422, 'balance_too_large') : undefined
  }
  const move = (kind: string, amountMinor: bigint) => {
    balance += raises(kind) ? amountMinor : -amountMinor
    settle()
  }

  const answerEntry = (by: Actor, verb: Verb, seq: number): Expected => {
    const entry = entries[seq - 1]
    if (!isParty(by) || entry === undefined) return notFound
    if (entry.standing !== 'pending') return answered
    if ((entry.by === by) !== (verb === 'withdraw')) return notYours
    const { kind, amountMinor } = entry
    const bound = verb === 'accept' ? boundOf(kind, amountMinor) : undefined
    if (bound !== undefined) return bound
    entry.standing = outcomeOf[verb]
    add({ kind: verb, amountMinor, by, standing: 'posted' }, false)
    if (verb === 'accept') {
      takeSeat(by)
      move(kind, amountMinor)
    } else if (seq === 1) {
      status = outcomeOf[verb]
    }
    if (seq === 1) openingAnswered = true
    return { status: 200 }
  }

  /** The lender says no to a debt that the borrower wrote down: everything is undone. */
  const undoAll = (by: Actor) => {
    for (const entry of entries.slice()) {
      if (!entry.intent) continue
      const { amountMinor } = entry
      if (entry.standing === 'posted') {
        entry.standing = 'reversed'
        add({ kind: 'reversal', amountMinor, by, standing: 'posted' }, false)
      } else if (entry.standing === 'pending') {
        entry.standing = 'declined'
        add({ kind: 'decline', amountMinor, by, standing: 'posted' }, false)
      }
    }
    add({ kind: 'decline', amountMinor: opening.amountMinor, by, standing: 'posted' }, false)
    balance = 0n
    status = 'declined'
    openingAnswered = true
  }

  return {
    status: () => status,
    balanceMinor: () => balance,
    rows: () => entries.length,
    standings: () => entries.map(({ standing }) => standing),
    pending() {
      const waiting = entries.filter(({ standing }) => standing === 'pending')
      const sum = (up: boolean) =>
        waiting.reduce((sum, one) => (raises(one.kind) === up ? sum + one.amountMinor : sum), 0n)
      return { in: sum(true), out: sum(false) }
    },
    enter(by, kind, amountMinor) {
      if (!isParty(by)) return notFound
      if (status !== 'open' && status !== 'settled') return refusal(409, 'debt_not_open')
      if (!raises(kind) && amountMinor > balance && !bent) return refusal(422, 'overpayment')
      const posts = oneSided || roleOf(by) === (raises(kind) ? 'borrower' : 'lender')
      const bound = posts ? boundOf(kind, amountMinor) : undefined
      if (bound !== undefined) return bound
      takeSeat(by)
      add({ kind, amountMinor, by, standing: posts ? 'posted' : 'pending' }, true)
      if (posts) move(kind, amountMinor)
      return { status: 201, seq: entries.length }
    },
    answerEntry,
    answerDebt(by, verb) {
      if (!isParty(by)) return notFound
      if (status === 'proposed') return answerEntry(by, verb, 1)
      if (by === 'owner' || othersSeatTaken || openingAnswered) return answered
      if (verb === 'withdraw') return notYours
      if (verb === 'decline') undoAll(by)
      else {
        add({ kind: 'joined', amountMinor: 0n, by, standing: 'posted' }, false)
        takeSeat(by)
      }
      return { status: 200 }
    },
  }
}

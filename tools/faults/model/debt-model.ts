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
  /** Whether it raises the balance when it counts. */
  up: boolean
  /** The row that it undoes. */
  undoes?: number
  /** Whether it says what somebody wants; other rows answer, undo or sit down. */
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
  reverse: (by: Actor, seq: number) => Expected
}

const amountMinorMax = 10n ** 15n
const outcomeOf = { accept: 'posted', decline: 'declined', withdraw: 'withdrawn' } as const
const refusal = (status: 403 | 404 | 409 | 422, code: string): Expected => ({ status, code })
const notFound = refusal(404, 'not_found')
const answered = refusal(409, 'already_answered')
const notYours = refusal(403, 'not_yours_to_answer')
const closed = refusal(409, 'debt_not_open')

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
      up: true,
      intent: true,
    },
  ]

  /** A row that only answers, undoes or sits down. */
  const note = (kind: string, amountMinor: bigint, by: Actor) =>
    entries.push({ kind, amountMinor, by, standing: 'posted', up: false, intent: false })
  const settle = () => {
    status = balance === 0n ? 'settled' : 'open'
  }
  const takeSeat = (by: Actor) => {
    if (by === 'other') othersSeatTaken = true
  }
  const tooMuch = (up: boolean, amountMinor: bigint): Expected | undefined =>
    !up && amountMinor > balance && !bent ? refusal(422, 'overpayment') : undefined
  const tooLarge = (up: boolean, amountMinor: bigint): Expected | undefined =>
    up && balance + amountMinor > amountMinorMax ? refusal(422, 'balance_too_large') : undefined
  const irreversible = (target: ModelEntry | undefined): Expected | undefined => {
    if (target?.standing === 'reversed') return refusal(409, 'already_reversed')
    const counts = target?.intent === true && target.standing === 'posted'
    return counts && target.kind !== 'reversal' ? undefined : refusal(409, 'not_reversible')
  }
  const move = ({ up, amountMinor, undoes = 0 }: ModelEntry) => {
    balance += up ? amountMinor : -amountMinor
    const target = entries[undoes - 1]
    if (target !== undefined) target.standing = 'reversed'
    settle()
  }
  /** Adds what somebody wants: it posts or waits, or is refused. */
  const want = (by: Actor, wish: Pick<ModelEntry, 'kind' | 'amountMinor' | 'up' | 'undoes'>) => {
    const { up, amountMinor } = wish
    const posts = oneSided || roleOf(by) === (up ? 'borrower' : 'lender')
    const bound = tooMuch(up, amountMinor) ?? (posts ? tooLarge(up, amountMinor) : undefined)
    if (bound !== undefined) return bound
    takeSeat(by)
    const entry: ModelEntry = { ...wish, by, standing: posts ? 'posted' : 'pending', intent: true }
    entries.push(entry)
    if (posts) move(entry)
    return { status: 201 as const, seq: entries.length }
  }

  const answerEntry = (by: Actor, verb: Verb, seq: number): Expected => {
    const entry = entries[seq - 1]
    if (!isParty(by) || entry === undefined) return notFound
    if (entry.standing !== 'pending') return answered
    if ((entry.by === by) !== (verb === 'withdraw')) return notYours
    const { up, amountMinor, undoes } = entry
    const bound =
      tooMuch(up, amountMinor) ??
      (undoes === undefined ? undefined : irreversible(entries[undoes - 1])) ??
      tooLarge(up, amountMinor)
    if (verb === 'accept' && bound !== undefined) return bound
    entry.standing = outcomeOf[verb]
    note(verb, amountMinor, by)
    if (verb === 'accept') {
      takeSeat(by)
      move(entry)
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
      if (entry.standing === 'posted' && entry.kind !== 'reversal') {
        entry.standing = 'reversed'
        note('reversal', amountMinor, by)
      } else if (entry.standing === 'pending') {
        entry.standing = 'declined'
        note('decline', amountMinor, by)
      }
    }
    note('decline', opening.amountMinor, by)
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
        waiting.reduce((sum, one) => (one.up === up ? sum + one.amountMinor : sum), 0n)
      return { in: sum(true), out: sum(false) }
    },
    enter(by, kind, amountMinor) {
      if (!isParty(by)) return notFound
      if (status !== 'open' && status !== 'settled') return closed
      return want(by, { kind, amountMinor, up: kind === 'advance' })
    },
    reverse(by, seq) {
      const target = entries[seq - 1]
      if (!isParty(by) || target === undefined) return notFound
      if (status !== 'open' && status !== 'settled') return closed
      const { amountMinor, up } = target
      const undo = { kind: 'reversal', amountMinor, up: !up, undoes: seq }
      return irreversible(target) ?? want(by, undo)
    },
    answerEntry,
    answerDebt(by, verb) {
      if (!isParty(by)) return notFound
      if (status === 'proposed') return answerEntry(by, verb, 1)
      if (by === 'owner' || othersSeatTaken || openingAnswered) return answered
      if (verb === 'withdraw') return notYours
      if (verb === 'decline') undoAll(by)
      else {
        note('joined', 0n, by)
        takeSeat(by)
      }
      return { status: 200 }
    },
  }
}

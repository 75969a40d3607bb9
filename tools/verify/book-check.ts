// One book, row by row, from the first: the chain, the postings, the balances, the head. Pure, and
// of one byte per row in memory, so that a book of any length can pass through.
import { type Intents, makeIntents } from './debt-intents.ts'
import { beforeTheFirst, hashOfRow, hashOfWords, type JournalRow } from './journal-form.ts'
import { makeMarks } from './marks.ts'

export interface Account {
  no: number
  postedMinor: string
  /** Waiting amounts; a proof does not show them. */
  pendingInMinor?: string
  pendingOutMinor?: string
}

/** What the book says of itself. */
export interface BookHead {
  id: string
  kind: string
  currency: string
  lastSeq: number
  lastHash: string
  /** Entries that wait for an answer; a proof does not show it. */
  pendingCount?: number
  accounts: Account[]
}

export interface Fault {
  book: string
  /** The row, or undefined when the book itself is meant. */
  seq: number | undefined
  what: string
}

export interface Checked {
  rows: number
  /** Rows whose words were erased: their hash stays in the chain. */
  erased: number
  /** Rows that a proof shows without their author: linked, not recomputed. */
  withheld: number
}

export type BookCheck = ReturnType<typeof checkBook>

/** Call `row` for each row by seq, then `end`; both answer the faults they found. */
export const checkBook = (head: BookHead) => {
  const checked: Checked = { rows: 0, erased: 0, withheld: 0 }
  const marks = makeMarks()
  const intents = makeIntents(head.kind, marks)
  const sums = new Map(head.accounts.map(({ no }) => [no, 0n]))
  let last = { seq: 0, hash: beforeTheFirst }
  // After a wrong balance either the row or its postings were changed: both readings are followed,
  // so that one changed row does not make liars of all the rows behind it.
  let balances = [0n]

  const chainFaults = (row: JournalRow): string[] => {
    const missing = row.seq - last.seq - 1
    if (missing !== 0) return [missing > 0 ? gapText(last.seq, row.seq) : 'comes twice']
    return row.prevHash === last.hash ? [] : ['does not continue the row before it']
  }

  const contentFaults = (row: JournalRow): string[] => {
    const hash = hashOfRow(head, row)
    if (hash === undefined) checked.withheld++
    return hash === undefined || hash === row.hash ? [] : ['its content is not what was hashed']
  }

  const wordsFaults = ({ words, wordsHash }: JournalRow): string[] => {
    if (words === null) {
      if (wordsHash !== null) checked.erased++
      return []
    }
    if (wordsHash === null) return ['has words that the chain does not cover']
    return hashOfWords(words) === wordsHash ? [] : ['its words are not those that were hashed']
  }

  const post = (row: JournalRow): string[] => {
    const faults: string[] = []
    const before = sums.get(firstOf(head)) ?? 0n
    for (const { debit, credit, amountMinor } of row.postings) {
      const minor = BigInt(amountMinor)
      if (minor <= 0n || debit === credit) faults.push('has a posting that moves nothing')
      for (const [no, moved] of [
        [debit, minor],
        [credit, -minor],
      ] as const) {
        const sum = sums.get(no)
        if (sum === undefined) faults.push(`posts to account ${no}, which is not there`)
        else sums.set(no, sum + moved)
      }
    }
    if (row.status === 'pending' && row.postings.length > 0) faults.push('waits, yet has postings')
    return [...faults, ...balanceFaults(row, (sums.get(firstOf(head)) ?? 0n) - before)]
  }

  const balanceFaults = (row: JournalRow, moved: bigint): string[] => {
    const said = BigInt(row.balanceMinor)
    const expected = balances.map((balance) => balance + moved)
    const right = expected.includes(said)
    balances = right ? [said] : [...new Set([...expected.slice(0, 1), said])]
    return right ? [] : [`says balance ${said}, its postings make it ${expected.join(' or ')}`]
  }

  return {
    checked,
    row(row: JournalRow): Fault[] {
      checked.rows++
      const faults = [
        ...chainFaults(row),
        ...contentFaults(row),
        ...wordsFaults(row),
        ...post(row),
        ...marks.add(row),
      ]
      intents.add(row)
      last = { seq: row.seq, hash: row.hash }
      return faults.map((what) => ({ book: head.id, seq: row.seq, what }))
    },
    end(): Fault[] {
      const faults = [
        ...headFaults(head, last),
        ...sumFaults(head, sums),
        ...pendingFaults(head, intents),
      ]
      return faults.map((what) => ({ book: head.id, seq: undefined, what }))
    },
  }
}

const firstOf = (head: BookHead): number => head.accounts[0]?.no ?? 0

const gapText = (after: number, before: number): string =>
  before - after === 2
    ? `row ${after + 1} before it is missing`
    : `rows ${after + 1} to ${before - 1} before it are missing`

const headFaults = (head: BookHead, last: { seq: number; hash: string }): string[] => {
  if (last.seq < head.lastSeq) {
    return [`its tail is cut: it says ${head.lastSeq} rows, the last one there is ${last.seq}`]
  }
  if (last.seq > head.lastSeq) return [`it says ${head.lastSeq} rows, there are ${last.seq}`]
  return last.hash === head.lastHash ? [] : ['its last hash is not that of its last row']
}

const sumFaults = (head: BookHead, sums: Map<number, bigint>): string[] => {
  const wrong = head.accounts
    .filter(({ no, postedMinor }) => BigInt(postedMinor) !== sums.get(no))
    .map(
      ({ no, postedMinor: said }) =>
        `account ${no} says ${said}, its postings sum to ${sums.get(no)}`,
    )
  const total = head.accounts.reduce((sum, { postedMinor }) => sum + BigInt(postedMinor), 0n)
  return total === 0n ? wrong : [...wrong, `its accounts sum to ${total}, not to zero`]
}

const pendingFaults = (head: BookHead, intents: Intents): string[] => {
  const { count, raising, lowering } = intents.waiting()
  const faults: string[] = []
  if (head.pendingCount !== undefined && head.pendingCount !== count) {
    faults.push(`it says ${head.pendingCount} entries wait, there are ${count}`)
  }
  const [first, second] = head.accounts
  if (!intents.known() || first?.pendingInMinor === undefined || second === undefined) return faults
  const said = [
    first.pendingInMinor,
    first.pendingOutMinor,
    second.pendingOutMinor,
    second.pendingInMinor,
  ]
  const sums = [raising, lowering, raising, lowering]
  if (said.some((minor, index) => minor !== sums[index]?.toString())) {
    faults.push(`its waiting amounts are not those of the ${count} entries that wait`)
  }
  return faults
}

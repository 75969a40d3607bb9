// Reads and writes of one account by many at once, and what may not be seen in their histories: a value
// that never was (G0, G1), an update that vanished (lost update), a view from two moments (G-single).

export interface Row {
  seq: number
  amountMinor: bigint
  balanceMinor: bigint
}

/** An acknowledged write: what the writer was told. */
export interface Write {
  seq: number
  amountMinor: bigint
  balanceMinor: bigint
}

/** One view: the last row and the balance that somebody saw together. */
export interface Read {
  reader: number
  lastSeq: number
  balanceMinor: bigint
  /** The highest row that was acknowledged to anybody before this read began. */
  knownSeq: number
}

export interface History {
  /** Everything that is there in the end, in order. */
  rows: Row[]
  writes: Write[]
  /** In the order in which each reader made them. */
  reads: Read[]
}

/** Names every anomaly. */
export function anomaliesOf({ rows, writes, reads }: History): string[] {
  const bySeq = new Map(rows.map((row) => [row.seq, row]))
  return [...lostUpdates(rows), ...vanished(writes, bySeq), ...impossible(reads, bySeq)]
}

/** Each row's balance is the one before it and its own amount. */
function lostUpdates(rows: Row[]): string[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1]
    if (before === undefined) return []
    const faults: string[] = []
    if (row.seq !== before.seq + 1) faults.push(`a hole before row ${row.seq}`)
    if (row.balanceMinor !== before.balanceMinor + row.amountMinor) {
      faults.push(`lost update: row ${row.seq} does not build on row ${before.seq}`)
    }
    return faults
  })
}

function vanished(writes: Write[], bySeq: Map<number, Row>): string[] {
  return writes.flatMap(({ seq, amountMinor, balanceMinor }) => {
    const row = bySeq.get(seq)
    if (row === undefined) return [`acknowledged row ${seq} is not there`]
    const same = row.amountMinor === amountMinor && row.balanceMinor === balanceMinor
    return same ? [] : [`row ${seq} is not what was acknowledged`]
  })
}

/** Each view is some prefix, none is older than what was known, no reader goes back in time. */
function impossible(reads: Read[], bySeq: Map<number, Row>): string[] {
  const latest = new Map<number, number>()
  return reads.flatMap(({ reader, lastSeq, balanceMinor, knownSeq }) => {
    const faults: string[] = []
    if (bySeq.get(lastSeq)?.balanceMinor !== balanceMinor) {
      faults.push(`a reader saw ${balanceMinor} at row ${lastSeq}, which never was`)
    }
    if (lastSeq < knownSeq) faults.push(`a reader saw row ${lastSeq} after ${knownSeq} was known`)
    if (lastSeq < (latest.get(reader) ?? 0)) faults.push(`a reader went back to row ${lastSeq}`)
    latest.set(reader, lastSeq)
    return faults
  })
}

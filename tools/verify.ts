// `npm run verify -- [PROOF.json …] [--database URL]`: is every row of the ledger as it was written?
// Without files it checks a whole database: the one named, else POSTGRES_URL, else that of the stack
// running here. With files it checks these proofs, and that the named database still holds them.
// Exit code 0: nothing wrong; 1: faults, each on a line; 2: it could not be checked.
import { parseArgs } from 'node:util'
import { defaultDataDir } from './launcher/house.ts'
import { reasonOf } from './launcher/failure.ts'
import { readReady } from './launcher/ready.ts'
import type { Fault } from './verify/book-check.ts'
import { checkDatabase, type Totals } from './verify/check-database.ts'
import { checkProofs, compareProofs } from './verify/check-proof.ts'
import { withDatabase } from './verify/database.ts'
import { NoProofError, type Proof, readProof } from './verify/proof-file.ts'

const options = { database: { type: 'string' } } as const

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const files = positionals.map(readProof)
  const totals =
    files.length === 0 ? await wholeDatabase(values.database) : await proofs(files, values.database)
  console.log(summaryOf(totals))
  process.exitCode = totals.faults === 0 ? 0 : 1
} catch (error) {
  console.error(whyNot(error))
  process.exitCode = 2
}

function whyNot(error: unknown): string {
  if (error instanceof NoProofError) return error.message
  const noTables = error instanceof Error && 'code' in error && error.code === '42P01'
  return `Not checked: ${noTables ? 'this database holds no ledger.' : reasonOf(error)}`
}

async function wholeDatabase(given: string | undefined): Promise<Totals> {
  const url =
    given || process.env['POSTGRES_URL'] || readReady(defaultDataDir(process.env))?.servers.postgres
  if (url === undefined) {
    throw new Error('nothing runs here. Start Quits, set POSTGRES_URL, or name a proof file.')
  }
  return withDatabase(url, (client) => checkDatabase(client, tell))
}

async function proofs(pages: Proof[], database: string | undefined): Promise<Totals> {
  const totals = checkProofs(pages, tell)
  if (database === undefined) return totals
  const differing = await withDatabase(database, (client) => compareProofs(client, pages, tell))
  return { ...totals, faults: totals.faults + differing }
}

function tell({ book, seq, what }: Fault): void {
  console.log(seq === undefined ? `${book}: ${what}` : `${book} row ${seq}: ${what}`)
}

function summaryOf({ books, rows, erased, withheld, faults }: Totals): string {
  const notes = [
    ...(erased === 0 ? [] : [`${erased} with erased words, covered by their hash`]),
    ...(withheld === 0 ? [] : [`${withheld} without their author, linked but not recomputed`]),
  ]
  const seen = `${rows} rows in ${books} books`
  const verdict = faults === 0 ? 'every one as it was written' : `${faults} faults`
  return `${[`Checked ${seen}`, ...notes].join('; ')}: ${verdict}.`
}

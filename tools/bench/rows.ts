// Rows of a bench: ratios of one run, side by side and interleaved, and what they are held against.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Row {
  id: string
  what: string
  /** The median of the rounds. */
  ratio: number
  goal: number
  better: 'higher' | 'lower'
  rounds: number[]
}

export type Figures = Record<string, number>

export interface Report {
  /** The data check afterwards: a fast wrong run counts as zero. */
  valid: boolean
  rows: Row[]
  figures: Figures
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export const rowOf = (row: Omit<Row, 'ratio'>): Row => ({ ...row, ratio: median(row.rounds) })

export const meets = ({ ratio, goal, better }: Row): boolean =>
  better === 'higher' ? ratio >= goal : ratio <= goal

/** Writes `.data/bench/NAME.json` and returns the table for people. */
export function writeReport(folder: string, name: string, report: Report): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`)
  const rows = report.rows.map((row) => {
    const sign = row.better === 'higher' ? '≥' : '≤'
    const verdict = meets(row) ? 'met' : 'NOT MET'
    const spread = `${round(Math.min(...row.rounds))}–${round(Math.max(...row.rounds))}`
    return [row.id, round(row.ratio), `${sign} ${round(row.goal)}`, verdict, spread, row.what]
  })
  const figures = Object.entries(report.figures).map(
    ([what, value]) => `  ${what}: ${round(value)}`,
  )
  return [
    ...rows.map((cells) => cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')),
    '',
    ...figures,
    '',
    report.valid ? 'The data is right.' : 'THE DATA IS WRONG: no figure above counts.',
  ].join('\n')
}

const widths = [6, 8, 8, 8, 14]
const round = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

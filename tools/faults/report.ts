// What `npm run faults` leaves behind: a file for programs, a table for people.
import { join } from 'node:path'
import { writeJson } from '../launcher/json-file.ts'
import type { Verdict } from './scenario.ts'

/** The file's form is a contract: id, passed, figures, seed, twin; `faults` says why not. */
export function writeVerdicts(repoDir: string, name: string, verdicts: Verdict[]): string {
  const file = join(repoDir, '.data', 'faults', `${name}.json`)
  writeJson(file, verdicts)
  return file
}

export const figuresOf = ({ figures }: Pick<Verdict, 'figures'>): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ')

/** One line each, figures last because they differ. */
export function tableOf(verdicts: Verdict[]): string {
  const rows = verdicts.map((verdict) => [
    verdict.id,
    verdict.passed ? 'passed' : 'FAILED',
    verdict.twin.caught ? 'caught' : 'MISSED',
    String(verdict.seed),
    figuresOf(verdict),
  ])
  const head = ['id', 'verdict', 'twin', 'seed', 'figures']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lineOf = (row: string[]) =>
    row.map((cell, column) => (column === 4 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')
  return [head, ...rows].map(lineOf).join('\n')
}

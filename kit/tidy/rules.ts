/** The house rules that no linter can see. Each takes the sources and names every offence. */
import { floorOf } from './floors.ts'
import { isTest, type Source } from './sources.ts'

const linesMax = 300
const mainLinesMax = 60
const service = /^([a-z]+-service|proxy|web)\//
const entry = /\/src\/(main|migrate)\.tsx?$/

/** A file that cannot be read in two minutes holds more than one idea. */
export const tooLong = (sources: Source[]): string[] =>
  sources
    .filter(({ path, lines }) => lines.length - 1 > (isMain(path) ? mainLinesMax : linesMax))
    .map(({ path, lines }) => `${path} has ${lines.length - 1} lines`)

const isMain = (path: string) => /-service\/src\/main\.ts$|^proxy\/src\/main\.ts$/.test(path)

/** Proto and kit know neither each other nor a service; services do not know each other. */
export const acrossHouses = (sources: Source[]): string[] =>
  sources.flatMap(({ path, imports }) =>
    imports.filter((target) => !mayReach(houseOf(path), houseOf(target))).map(arrow(path)),
  )

const houseOf = (path: string) => path.split('/')[0] ?? ''
const mayReach = (from: string, to: string): boolean =>
  from === to ||
  from === 'tools' ||
  (from === 'web' && to === 'tools') ||
  ((to === 'proto' || to === 'kit') && from !== 'proto' && from !== 'kit')

const arrow = (from: string) => (to: string) => `${from} → ${to}`

/** A file of a service imports only from its own floor or below, and has a floor. */
export const againstFloors = (sources: Source[]): string[] =>
  sources
    .filter(({ path }) => service.test(path) && !path.startsWith('web/') && !isTest(path))
    .flatMap(({ path, imports }) => {
      const floor = floorOf(path)
      if (floor === undefined) return [`${path} has no floor`]
      const upward = imports.filter((target) => (floorOf(target) ?? 0) > floor)
      return upward.map((target) => `${path} (${floor}) → ${target} (${floorOf(target)})`)
    })

/** Between subjects: debts → transactions, anyone → users' ids and the outbox's store. */
export const acrossSubjects = (sources: Source[]): string[] =>
  sources
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, imports }) => {
      const from = subjectOf(path)
      if (from === undefined) return []
      return imports.filter((target) => !subjectMayReach(from, target)).map(arrow(path))
    })

const subjectOf = (path: string) => /^expenses-service\/src\/(\w+)\//.exec(path)?.[1]
const open = /\/(users\/people|outbox\/store|outbox\/event)\.ts$/
const subjectMayReach = (from: string, target: string): boolean => {
  const to = subjectOf(target)
  if (to === undefined || to === from || open.test(target)) return true
  return from === 'debts' && to === 'transactions'
}

/** What starts a process is imported by nobody. */
export const importsOfMain = (sources: Source[]): string[] =>
  sources.flatMap(({ path, imports }) =>
    imports.filter((target) => entry.test(target)).map(arrow(path)),
  )

/** Files that import each other in a circle, each circle once. */
export const cycles = (sources: Source[]): string[] => {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, above: string[]): void => {
    const at = above.indexOf(path)
    if (at !== -1) {
      found.push([...above.slice(at), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const target of importsOf.get(path) ?? []) visit(target, [...above, path])
    done.add(path)
  }
  for (const { path } of sources) visit(path, [])
  return found
}

const leftOver = new RegExp(['TO', 'DO|FIX', 'ME'].join(''))

/** Notes to oneself belong into an issue. */
export const leftovers = (sources: Source[]): string[] =>
  sources.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (leftOver.test(line) ? [`${path}:${index + 1}`] : [])),
  )

const waiting = /await (sleep|delay|setTimeout)\(|setTimeout\((resolve|done)\b/

/** A test that sleeps hopes; it has to await what it waits for. */
export const sleepsInTests = (sources: Source[]): string[] =>
  sources
    .filter(({ path }) => /\.test\.tsx?$/.test(path))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => (waiting.test(line) ? [`${path}:${index + 1}`] : [])),
    )

const driver =
  /^(pg|kafkajs|amqplib|mongodb|ioredis|ws|http-proxy|express|@aws-sdk\/.*|node:(fs|http|child_process).*)$/

/** A pure file has no I/O: it imports no driver and no server. */
export const impurePureFiles = (sources: Source[]): string[] =>
  sources
    .filter(({ path }) => floorOf(path) === 1 && !isTest(path))
    .flatMap(({ path, packages }) =>
      packages.filter((name) => driver.test(name)).map((name) => `${path} → ${name}`),
    )

/** Migrations are numbered 0001, 0002, … without a hole, per folder. */
export const unnumberedMigrations = (files: string[]): string[] => {
  const seen = new Map<string, number>()
  return files
    .filter((path) => /\/migrations\//.test(path))
    .sort()
    .flatMap((path) => {
      const [, folder = '', number] =
        /^(.*\/migrations)\/(?:(\d{4})_[a-z0-9_]+\.sql)?/.exec(path) ?? []
      const expected = (seen.get(folder) ?? 0) + 1
      seen.set(folder, expected)
      return Number(number) === expected ? [] : [path]
    })
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  acrossHouses,
  acrossSubjects,
  againstFloors,
  cycles,
  impurePureFiles,
  importsOfMain,
  leftovers,
  sleepsInTests,
  tooLong,
  unnumberedMigrations,
} from './tidy/rules.ts'
import { floorOf, vanished } from './tidy/floors.ts'
import { everyFile, importsOf, readSources, repoDir, type Source } from './tidy/sources.ts'

const sources = readSources()

/** A file that is not there, to see each rule catch what it is for. */
const file = (path: string, text: string): Source => ({
  path,
  text,
  lines: text.split('\n'),
  ...importsOf(path, text),
})

interface Rule {
  promise: string
  rule: (sources: Source[]) => string[]
  /** What breaks it. */
  twin: Source[]
}

const rules: Rule[] = [
  {
    promise: 'no file is over 300 lines, no main over 60',
    rule: tooLong,
    twin: [file('proxy/src/main.ts', '\n'.repeat(61))],
  },
  {
    promise: 'proto, kit and the services keep apart',
    rule: acrossHouses,
    twin: [file('kit/src/a.ts', `import { money } from '@quits/proto/money'`)],
  },
  {
    promise: 'a file imports from its own floor or below',
    rule: againstFloors,
    twin: [file('proxy/src/headers.ts', `import { makeApp } from './app.ts'`)],
  },
  {
    promise: 'subjects know each other only where they may',
    rule: acrossSubjects,
    twin: [
      file('expenses-service/src/transactions/a.ts', `import type { B } from '../debts/rules.ts'`),
    ],
  },
  {
    promise: 'nobody imports what starts a process',
    rule: importsOfMain,
    twin: [file('proxy/src/b.ts', `import './main.ts'`)],
  },
  {
    promise: 'there are no circles',
    rule: cycles,
    twin: [
      file('web/src/a.ts', `export { b } from './b.ts'`),
      file('web/src/b.ts', `import type { A } from './a.ts'`),
    ],
  },
  {
    promise: 'no note to oneself is left',
    rule: leftovers,
    twin: [file('web/src/c.ts', ['// TO', 'DO: later'].join(''))],
  },
  {
    promise: 'no test sleeps',
    rule: sleepsInTests,
    twin: [file('web/src/d.test.ts', ['await sl', 'eep(100)'].join(''))],
  },
  {
    promise: 'pure files have no I/O',
    rule: impurePureFiles,
    twin: [file('expenses-service/src/debts/rules.ts', `import pg from 'pg'`)],
  },
]

test.each(rules)('$promise', ({ rule, twin }) => {
  expect(rule(sources)).toEqual([])
  expect(rule(twin)).not.toEqual([])
})

test('migrations are numbered without a hole', () => {
  expect(unnumberedMigrations(everyFile())).toEqual([])
  const holed = ['a/migrations/0001_x.sql', 'a/migrations/0003_y.sql']
  expect(unnumberedMigrations(holed)).toEqual(['a/migrations/0003_y.sql'])
  expect(unnumberedMigrations(['a/migrations/x.sql'])).toEqual(['a/migrations/x.sql'])
})

test('the map of the floors names only files that are there', () => {
  expect(vanished(sources.map(({ path }) => path))).toEqual([])
  expect(vanished([])).toContain('proxy/src/main.ts')
  expect(floorOf('proxy/src/unheard-of.ts')).toBeUndefined()
})

test('the type checker sees every house', () => {
  const config = readFileSync(join(repoDir, 'tsconfig.json'), 'utf8')
  const { include } = JSON.parse(config) as { include: string[] }
  const houses = new Set(sources.flatMap(({ path }) => /^([^/]+)\//.exec(path)?.[1] ?? []))
  // The web app has a configuration of its own.
  expect(include).toEqual(expect.arrayContaining([...houses].filter((house) => house !== 'web')))
})

test('the rules saw the whole house', () => {
  const houses = new Set(sources.map(({ path }) => path.split('/')[0]))
  for (const house of ['proto', 'kit', 'expenses-service', 'proxy', 'web', 'tools']) {
    expect(houses).toContain(house)
  }
})

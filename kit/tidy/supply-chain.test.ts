import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { everyFile, repoDir } from './sources.ts'
import {
  countOf,
  type Lockfile,
  loosePins,
  type Manifest,
  secretsIn,
  strangeLicences,
  unnamedScripts,
  unsealed,
} from './supply-chain.ts'

const packagesMax = 480

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(repoDir, path), 'utf8'))
const lock = readJson('package-lock.json') as Lockfile
const manifests = everyFile()
  .filter((path) => path.endsWith('package.json'))
  .map((path) => readJson(path) as Manifest)

const locked = (entry: object): Lockfile => ({ packages: { 'node_modules/odd': entry } })

test('every version is exact', () => {
  expect(manifests).toHaveLength(10)
  expect(loosePins(manifests)).toEqual([])
  expect(loosePins([{ name: 'x', dependencies: { odd: '^1.0.0' } }])).toEqual(['x: odd@^1.0.0'])
})

test('every package has a checksum and comes from the registry', () => {
  expect(unsealed(lock)).toEqual([])
  expect(unsealed(locked({}))).toEqual(['odd'])
  expect(unsealed(locked({ integrity: 'sha512-x', resolved: 'git+ssh://x' }))).toEqual(['odd'])
})

test('only named packages run a script when they are installed', () => {
  expect(unnamedScripts(lock)).toEqual([])
  expect(unnamedScripts(locked({ hasInstallScript: true }))).toEqual(['odd'])
})

test('every licence is one that may be combined with ours', () => {
  expect(strangeLicences(lock)).toEqual([])
  expect(strangeLicences(locked({ license: 'AGPL-3.0' }))).toEqual(['odd: AGPL-3.0'])
})

test('the number of packages stays small', () => {
  expect(countOf(lock)).toBeGreaterThan(100)
  expect(countOf(lock)).toBeLessThanOrEqual(packagesMax)
})

test('no secret is in the tree or in the history', () => {
  const tree = everyFile().map((path) => [
    path,
    secretsIn(readFileSync(join(repoDir, path), 'utf8')),
  ])
  expect(tree.filter(([, found]) => (found ?? []).length > 0)).toEqual([])
  const history = execFileSync('git', ['log', '-p', '--all', '--unified=0', '--no-color'], {
    cwd: repoDir,
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
  })
  expect(history.length).toBeGreaterThan(1_000)
  expect(secretsIn(history)).toEqual([])
  expect(secretsIn(['key = AKIA', 'ABCDEFGHIJKLMNOP'].join(''))).toHaveLength(1)
})

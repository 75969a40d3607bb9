/** The sources as the house rules see them: every file, its lines, and whom it imports. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

export const repoDir = fileURLToPath(new URL('../../', import.meta.url))

export interface Source {
  /** Path from the repository's root, with slashes: `kit/src/run.ts`. */
  path: string
  text: string
  lines: string[]
  /** Files of this repository that it imports, as paths. */
  imports: string[]
  /** npm packages and node modules that it imports for real, types left out. */
  packages: string[]
}

const leftOut = new Set(['node_modules', 'dist', '.data', '.git'])
const codeFile = /\.(ts|tsx|mjs)$/
const workspacePackage = /^@quits\/(proto|kit)\/(.+)$/

const filesBelow = (folder: string): string[] =>
  readdirSync(join(repoDir, folder)).flatMap((name) => {
    if (leftOut.has(name)) return []
    const path = join(folder, name)
    return statSync(join(repoDir, path)).isDirectory() ? filesBelow(path) : [path]
  })

/** All files of the repository that are not built or downloaded. */
export const everyFile = (): string[] => filesBelow('.')

/** Every file of code. */
export const readSources = (): Source[] =>
  everyFile()
    .filter((path) => codeFile.test(path))
    .map((path) => {
      const text = readFileSync(join(repoDir, path), 'utf8')
      return { path, text, lines: text.split('\n'), ...importsOf(path, text) }
    })

/** What a file imports; exported so that the rules can be tried on sources that break them. */
export const importsOf = (path: string, text: string) => {
  const { module } = parseSync(path, text)
  const imported = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      name: moduleRequest.value,
      real: entries.length === 0 || entries.some(({ isType }) => !isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest === null ? [] : [{ name: moduleRequest.value, real: !isType }],
      ),
    ),
  ]
  const local = imported.flatMap(({ name }) => localPath(path, name) ?? [])
  const packages = imported.filter(({ name, real }) => real && localPath(path, name) === undefined)
  return { imports: [...new Set(local)], packages: packages.map(({ name }) => name) }
}

const localPath = (from: string, name: string): string | undefined => {
  const workspace = workspacePackage.exec(name)
  if (workspace !== null) return `${workspace[1]}/src/${workspace[2]}.ts`
  if (!name.startsWith('.')) return undefined
  return relative('.', normalize(join(dirname(from), name)))
}

export const isTest = (path: string): boolean =>
  /\.test\.tsx?$|\/test-[^/]+\.ts$|\/(testing|test|e2e|tidy)\//.test(path)

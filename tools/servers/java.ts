// A Java of at least 17 and a Maven: the machine's own, else the distribution's from our cache.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { askCommand, findProgram } from '../launcher/command.ts'
import { canUseDebian, debianKey, libraryPath, provideDebian } from './debian.ts'
import { lookForProgram } from './on-path.ts'

export const javaMinimum = '17'
const javaSet = 'java'
const mavenSet = { name: 'maven', packages: ['maven'], always: /^lib.*-java$|^maven/ }

export interface Tool {
  command: string
  env: Record<string, string>
}

const javaOnMachine = () =>
  lookForProgram({
    program: 'java',
    versionArgs: ['--version'],
    minimum: javaMinimum,
    extraFolders: process.env['JAVA_HOME'] ? [join(process.env['JAVA_HOME'], 'bin')] : [],
  })

export async function sightOfJava(cache: Cache): Promise<{ possible: boolean; note: string }> {
  const found = await javaOnMachine()
  if (typeof found !== 'string') return { possible: true, note: `Java ${found.version}` }
  if (cache.has(debianKey(javaSet))) return { possible: true, note: 'Java from the cache' }
  return canUseDebian()
    ? { possible: true, note: 'Java to be downloaded from Debian' }
    : { possible: false, note: `${found}; install Java ${javaMinimum} or later` }
}

export async function provideJava(cache: Cache, say: (doing: string) => void): Promise<Tool> {
  const found = await javaOnMachine()
  if (typeof found !== 'string') return { command: found.path, env: {} }
  const root = await provideDebian(
    cache,
    { name: javaSet, packages: [await newestJavaPackage()] },
    say,
  )
  const homes = join(root, 'usr', 'lib', 'jvm')
  const home = readdirSync(homes)
    .map((name) => join(homes, name))
    .find((folder) => existsSync(join(folder, 'bin', 'java')))
  if (home === undefined) throw new Error(`no Java was found in ${homes}`)
  const env = { JAVA_HOME: home, LD_LIBRARY_PATH: libraryPath(root) }
  return { command: join(home, 'bin', 'java'), env }
}

/** Each release of the distribution carries another version. */
async function newestJavaPackage(): Promise<string> {
  const printed = (await askCommand('apt-cache', ['depends', 'default-jre-headless'])) ?? ''
  return /openjdk-\d+-jre-headless/.exec(printed)?.[0] ?? 'openjdk-17-jre-headless'
}

/** How to run Maven. Its own start script needs paths of an installed system: run its jar. */
export async function provideMaven(
  cache: Cache,
  java: Tool,
  say: (doing: string) => void,
): Promise<{ command: string; args: string[]; env: Record<string, string> }> {
  const found = findProgram('mvn')
  if (found !== undefined) return { command: found, args: [], env: java.env }
  const root = await provideDebian(cache, mavenSet, say)
  const share = join(root, 'usr', 'share')
  const classPath = [join(share, 'maven', 'lib', '*'), join(share, 'maven', 'boot', '*')].join(':')
  return {
    command: java.command,
    args: [
      '-cp',
      classPath,
      `-Dmaven.home=${join(share, 'maven')}`,
      '-Dmaven.multiModuleProjectDirectory=.',
      'org.apache.maven.cli.MavenCli',
    ],
    env: java.env,
  }
}

// The browser of the tests: CHROMIUM, else one on PATH, else the distribution's headless shell with
// a font, unpacked into the cache.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from './launcher/cache.ts'
import { findProgram } from './launcher/command.ts'
import {
  canUseDebian,
  debianKey,
  libraryPath,
  missingDebian,
  provideDebian,
} from './servers/debian.ts'

const set = {
  name: 'chromium',
  // chromium-common holds data files that the shell must find beside itself.
  packages: ['chromium-headless-shell', 'chromium-common', 'fonts-dejavu-core'],
}
const namesOnPath = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** What there is, without fetching anything. */
export function lookForChromium(cache: Cache): { possible: boolean; note: string } {
  const given = process.env['CHROMIUM']
  if (given) return { possible: existsSync(given), note: `CHROMIUM names ${given}` }
  const found = onPath()
  if (found !== undefined) return { possible: true, note: found }
  if (cache.has(debianKey(set.name)))
    return { possible: true, note: 'headless shell, in the cache' }
  return canUseDebian()
    ? { possible: true, note: 'headless shell, to be downloaded from Debian by npm test' }
    : { possible: false, note: `no browser: set CHROMIUM (a download ${missingDebian})` }
}

/** The path of a browser that playwright can start; fetched when there is none. */
export async function provideChromium(cache: Cache, say: (doing: string) => void): Promise<string> {
  const given = process.env['CHROMIUM']
  if (given) return given
  const found = onPath()
  if (found !== undefined) return found
  const root = await provideDebian(cache, set, say, writeStarter)
  return join(root, 'headless')
}

const onPath = () => namesOnPath.map((name) => findProgram(name)).find((path) => path !== undefined)

/** A script that knows where the libraries and fonts lie, so that its path is all one needs. */
async function writeStarter(draft: string, home: string): Promise<void> {
  const fonts = join(home, 'fonts.conf')
  const starter = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH='${libraryPath(home)}'`,
    `export FONTCONFIG_FILE='${fonts}'`,
    `exec '${join(home, 'usr', 'lib', 'chromium', 'chromium-headless-shell')}' "$@"`,
    '',
  ]
  mkdirSync(draft, { recursive: true })
  writeFileSync(join(draft, 'headless'), starter.join('\n'))
  chmodSync(join(draft, 'headless'), 0o755)
  const configuration = [
    '<?xml version="1.0"?>',
    '<fontconfig>',
    `  <dir>${join(home, 'usr', 'share', 'fonts')}</dir>`,
    '  <dir>/usr/share/fonts</dir>',
    `  <cachedir>${join(home, 'font-cache')}</cachedir>`,
    '</fontconfig>',
    '',
  ]
  writeFileSync(join(draft, 'fonts.conf'), configuration.join('\n'))
}

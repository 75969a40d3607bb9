import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeCache } from '../launcher/cache.ts'
import { askCommand } from '../launcher/command.ts'
import { buildStandIn, provideStandIn, sightOfStandIn } from './secantus.ts'

/** A cache with nothing in it, and a machine whose cargo is this script, or none. */
const scene = (cargo?: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'quits-stand-in-'))
  if (cargo !== undefined) {
    writeFileSync(join(folder, 'cargo'), `#!/bin/sh\n${cargo}\n`)
    chmodSync(join(folder, 'cargo'), 0o755)
  }
  vi.stubEnv('PATH', cargo === undefined ? folder : [folder, '/usr/bin', '/bin'].join(delimiter))
  onTestFinished(() => void vi.unstubAllEnvs())
  const said: string[] = []
  return { cache: makeCache(join(folder, 'cache')), said, say: (what: string) => said.push(what) }
}

/** Puts a program where `--root` says, as cargo does. */
const installs = `
while [ "$1" != --root ]; do shift; done
mkdir "$2/bin" && printf '#!/bin/sh\\necho built' > "$2/bin/secantusd-rs" && chmod +x "$2/bin/secantusd-rs"`

it('once built, the compiled stand-in is the one that is taken', async () => {
  const { cache, say } = scene(installs)
  expect((await sightOfStandIn(cache)).note).not.toContain('compiled')
  await buildStandIn(cache, say)
  expect(await sightOfStandIn(cache)).toMatchObject({
    possible: true,
    note: expect.stringContaining('compiled'),
  })
  const { command, args, env } = await provideStandIn(cache, say)
  expect(args).toEqual([])
  expect(await askCommand(command, args, env)).toBe('built\n')
})

it('a build that fails says why and leaves nothing behind', async () => {
  const { cache, said, say } = scene('echo "error: linker not found" >&2; exit 101')
  await buildStandIn(cache, say)
  expect(said.join('\n')).toContain('linker not found')
  expect((await sightOfStandIn(cache)).note).not.toContain('compiled')
})

it('what was built and does not run is not taken', async () => {
  const { cache, said, say } = scene(installs.replace('echo built', 'exit 127'))
  await buildStandIn(cache, say)
  expect(said.join('\n')).toContain('cannot be built')
  expect((await sightOfStandIn(cache)).note).not.toContain('compiled')
})

it('without cargo nothing is built', async () => {
  const { cache, said, say } = scene()
  await buildStandIn(cache, say)
  expect(said).toEqual(['no cargo here to build the compiled stand-in with'])
})

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { identityOf } from './identity.ts'
import { writeJson } from './json-file.ts'
import { findLeftovers, killLeftovers, makeRegistry, stackIdOf, stackVariable } from './registry.ts'

const sleepers: ChildProcess[] = []

afterEach(() => {
  for (const sleeper of sleepers.splice(0)) sleeper.kill('SIGKILL')
})

const newFolder = () => mkdtempSync(join(tmpdir(), 'quits-registry-'))

async function startSleeper(env: Record<string, string> = {}) {
  const sleeper = spawn('sleep', ['600'], { detached: true, env: { ...process.env, ...env } })
  sleepers.push(sleeper)
  await new Promise((resolve) => sleeper.once('spawn', resolve))
  const exited = new Promise((resolve) => sleeper.once('exit', (_code, by) => resolve(by)))
  return { pid: sleeper.pid ?? 0, exited }
}

describe('cleaning up after a launcher that was killed', () => {
  it('ends exactly what it had recorded', async () => {
    const folder = newFolder()
    const [forgotten, stranger] = [await startSleeper(), await startSleeper()]
    makeRegistry(folder).add('kafka', forgotten.pid)
    expect(await killLeftovers(folder)).toEqual(['kafka'])
    expect(await forgotten.exited).toBe('SIGKILL')
    expect(identityOf(stranger.pid)).toBeDefined()
  })

  it('never touches a pid that belongs to another process by now', async () => {
    const folder = newFolder()
    const innocent = await startSleeper()
    const entry = { name: 'kafka', pid: innocent.pid, identity: 'another boot:12345' }
    writeJson(join(folder, 'pids.json'), { children: [entry] })
    expect(await killLeftovers(folder)).toEqual([])
    expect(identityOf(innocent.pid)).toBeDefined()
  })

  it('finds the orphan of a recorded process by the mark in its environment', async () => {
    if (process.platform !== 'linux') return // other systems hide environments
    const folder = newFolder()
    const orphan = await startSleeper({ [stackVariable]: stackIdOf(folder) })
    await expect.poll(() => findLeftovers(folder).map(({ pid }) => pid)).toEqual([orphan.pid])
    await killLeftovers(folder)
    expect(await orphan.exited).toBe('SIGKILL')
  })

  it('leaves the children of other data folders alone', async () => {
    const [mine, theirs] = [newFolder(), newFolder()]
    const other = await startSleeper({ [stackVariable]: stackIdOf(theirs) })
    makeRegistry(theirs).add('redis', other.pid)
    expect(await killLeftovers(mine)).toEqual([])
    expect(identityOf(other.pid)).toBeDefined()
  })

  it('forgets what ended by itself', async () => {
    const folder = newFolder()
    const sleeper = await startSleeper()
    const registry = makeRegistry(folder)
    registry.add('redis', sleeper.pid)
    registry.remove(sleeper.pid)
    expect(findLeftovers(folder)).toEqual([])
  })
})

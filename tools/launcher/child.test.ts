import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSpawn } from './child.ts'
import { listProcesses } from './identity.ts'
import { makeRegistry } from './registry.ts'

function makeRoom() {
  const folder = mkdtempSync(join(tmpdir(), 'quits-child-'))
  return makeSpawn(folder, makeRegistry(folder))
}

const shell = (name: string, script: string) => ({ name, command: 'sh', args: ['-c', script] })
const membersOf = (group: number) => listProcesses().filter((row) => row.group === group)

describe('a child process', () => {
  it('is a group of its own, and nothing of the group outlives its stop', async () => {
    // The script ignores the polite signal and has a child of its own.
    const child = await makeRoom()(shell('stubborn', 'trap "" TERM; sleep 600 & sleep 600'))
    await expect.poll(() => membersOf(child.pid).length).toBe(3)
    await child.stop('SIGTERM', 50)
    expect(child.isRunning()).toBe(false)
    expect(membersOf(child.pid)).toEqual([])
  })

  it('has its last words ready for a message', async () => {
    const child = await makeRoom()(shell('talker', 'echo one; echo two >&2; exit 3'))
    expect(await child.exited).toEqual({ code: 3, signal: null })
    expect(child.lastLines(1)).toEqual(['two'])
  })

  it('that cannot be run at all is a rejection', async () => {
    const missing = { name: 'none', command: '/no/such/program', args: [] }
    await expect(makeRoom()(missing)).rejects.toThrow('ENOENT')
  })
})

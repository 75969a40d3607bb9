import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { holderOf, takeLock, waitForLock } from './lock.ts'

const newFile = () => join(mkdtempSync(join(tmpdir(), 'quits-lock-')), 'some.lock')

describe('a lock', () => {
  it('is held by one and names its holder', () => {
    const file = newFile()
    expect(takeLock(file)).toHaveProperty('release')
    expect(takeLock(file)).toMatchObject({ heldBy: { pid: process.pid } })
  })

  it('is free after its release', () => {
    const file = newFile()
    const taken = takeLock(file)
    if ('release' in taken) taken.release()
    expect(holderOf(file)).toBeUndefined()
    expect(takeLock(file)).toHaveProperty('release')
  })

  it('of a dead process is free, even if its pid lives on in another', () => {
    const file = newFile()
    writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'an earlier boot:1' }))
    expect(takeLock(file)).toHaveProperty('release')
  })

  it('that is cut short or empty is free', () => {
    const file = newFile()
    writeFileSync(file, '{"pid":')
    expect(takeLock(file)).toHaveProperty('release')
  })

  it('can be waited for', async () => {
    const file = newFile()
    const first = takeLock(file)
    const told: number[] = []
    const second = waitForLock(file, ({ pid }) => {
      told.push(pid)
      if ('release' in first) first.release()
    })
    expect(await second).toHaveProperty('release')
    expect(told).toEqual([process.pid])
  })
})

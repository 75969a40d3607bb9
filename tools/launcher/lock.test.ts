import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type * as identity from './identity.ts'
import { holderOf, takeLock, waitForLock } from './lock.ts'

/** Called whenever a taker looks who is alive: where another process could come in between. */
let meanwhile = () => {}
vi.mock('./identity.ts', async (importOriginal) => {
  const original = await importOriginal<typeof identity>()
  return {
    ...original,
    identityOf(pid: number) {
      meanwhile()
      return original.identityOf(pid)
    },
  }
})
afterEach(() => {
  meanwhile = () => {}
})

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

  it('whose holder died goes to one of its takers, wherever they meet', () => {
    const dead = JSON.stringify({ pid: process.pid, identity: 'an earlier boot:1' })
    /** One taker, and two more that come in at the stated looks; answers how many have the lock. */
    const holders = (first: number, second: number) => {
      const file = newFile()
      writeFileSync(file, dead)
      let looks = 0
      let held = 0
      const take = () => {
        if ('release' in takeLock(file)) held += 1
      }
      meanwhile = () => {
        looks += 1
        if (looks === first || looks === second) take()
      }
      take()
      // Somebody has it in the end, whoever stood in whose way.
      meanwhile = () => {}
      take()
      return held
    }
    const places = Array.from({ length: 12 }, (_, index) => index + 1)
    const met = places.flatMap((first) => places.map((second) => holders(first, second)))
    expect(new Set(met)).toEqual(new Set([1]))
  })

  it('is free although somebody died while clearing it', () => {
    const file = newFile()
    const dead = JSON.stringify({ pid: process.pid, identity: 'an earlier boot:1' })
    writeFileSync(file, dead)
    writeFileSync(`${file}.clearing`, dead)
    expect(takeLock(file)).toHaveProperty('release')
    expect(readdirSync(dirname(file))).toEqual(['some.lock'])
  })
})

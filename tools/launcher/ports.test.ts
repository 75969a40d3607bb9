import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecord } from './json-file.ts'
import { canListen, makePorts } from './ports.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'quits-ports-'))
const allFree = async () => true

describe('ports', () => {
  it('are kept: the next start gets the same one', async () => {
    const folder = newFolder()
    const first = await makePorts(folder, allFree).claim('redis')
    expect(await makePorts(folder, allFree).claim('redis')).toBe(first)
    expect(readRecord(join(folder, 'ports.json'))).toEqual({ redis: first })
  })

  it('are replaced when somebody else has taken them meanwhile', async () => {
    const folder = newFolder()
    const first = await makePorts(folder, allFree).claim('redis')
    const second = await makePorts(folder, async (port) => port !== first).claim('redis')
    expect(second).not.toBe(first)
  })

  it('stay with a part that ends and comes back, also while its old one lets go', async () => {
    const free = { now: true }
    const ports = makePorts(newFolder(), async () => free.now)
    const first = await ports.claim('postgres')
    free.now = false
    expect(await ports.claim('postgres')).toBe(first)
  })

  it('are never given to two parts', async () => {
    const ports = makePorts(newFolder(), allFree)
    const drawn = [await ports.claim('a'), await ports.claim('b'), await ports.claim('c')]
    expect(new Set(drawn).size).toBe(3)
  })

  it('lie below the range of outgoing connections', async () => {
    const port = await makePorts(newFolder(), allFree).claim('a')
    expect(port).toBeGreaterThanOrEqual(20_000)
    expect(port).toBeLessThan(30_000)
  })

  it('of the front door are the preferred one, or the next free one', async () => {
    const free = async (port: number) => port !== 8080 && port !== 8081
    expect(await makePorts(newFolder(), free).claimNear('door', 8080, false)).toBe(8082)
  })

  it('that are fixed are never replaced by another', async () => {
    const claim = makePorts(newFolder(), async () => false).claimNear('door', 9000, true)
    await expect(claim).rejects.toThrow('9000')
  })

  it('are asked of the system: a listening one is not free', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await canListen(port)).toBe(false)
    await new Promise((resolve) => taken.close(resolve))
    expect(await canListen(port)).toBe(true)
  })
})

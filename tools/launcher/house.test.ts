import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openHouse, readyFileOf } from './house.ts'
import { readReady, writeReady } from './ready.ts'
import { makeSecrets } from './secrets.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'quits-house-'))
const print = () => undefined
const servers = { postgres: 'p', redis: 'r', rabbitmq: 'm', kafka: 'k', mongo: 'd', ses: 's' }
const ready = { url: 'http://127.0.0.1:8080', inbox: 's', services: {}, servers }

describe('a data folder', () => {
  it('has one launcher at a time; the second hears where the first one is', async () => {
    const dataDir = newFolder()
    const house = await openHouse({ dataDir, print })
    writeReady(dataDir, ready)
    await expect(openHouse({ dataDir, print })).rejects.toThrow('http://127.0.0.1:8080')
    await house.stop()
    const next = await openHouse({ dataDir, print })
    await next.stop()
  })

  it('says that it is ready only while it is', async () => {
    const dataDir = newFolder()
    writeReady(dataDir, ready) // left by a launcher that was killed
    const house = await openHouse({ dataDir, print })
    expect(readReady(dataDir)).toBeUndefined()
    writeReady(dataDir, ready)
    expect(readReady(dataDir)).toEqual(ready)
    await house.stop()
    expect(existsSync(readyFileOf(dataDir))).toBe(false)
  })

  it('stops the front door before the services and those before the servers', async () => {
    const house = await openHouse({ dataDir: newFolder(), print })
    const stopped: string[] = []
    for (const floor of ['servers', 'proxy', 'services'] as const) {
      house.onStop(floor, async () => void stopped.push(floor))
    }
    await house.stop()
    expect(stopped).toEqual(['proxy', 'services', 'servers'])
  })

  it('stops the rest when one part cannot be stopped', async () => {
    const house = await openHouse({ dataDir: newFolder(), print })
    let serversStopped = false
    house.onStop('proxy', () => Promise.reject(new Error('stuck')))
    house.onStop('servers', async () => void (serversStopped = true))
    await house.stop()
    expect(serversStopped).toBe(true)
  })

  it('is emptied on demand', async () => {
    const dataDir = newFolder()
    writeFileSync(join(dataDir, 'old'), 'state')
    const house = await openHouse({ dataDir, print, fresh: true })
    expect(existsSync(join(dataDir, 'old'))).toBe(false)
    await house.stop()
  })

  it('keeps its secrets, readable by their owner only', () => {
    const dataDir = newFolder()
    const first = makeSecrets(dataDir)('jobs-key')
    expect(Buffer.from(first, 'base64url')).toHaveLength(32)
    expect(makeSecrets(dataDir)('jobs-key')).toBe(first)
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600)
  })
})

import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeCache } from './cache.ts'

const newCache = () => makeCache(mkdtempSync(join(tmpdir(), 'quits-cache-')))
const say = () => undefined

describe('the cache', () => {
  it('builds a thing once, however many ask for it at once', async () => {
    const cache = newCache()
    let builds = 0
    const build = async (draft: string) => {
      builds++
      writeFileSync(join(draft, 'file'), 'content')
    }
    const asked = [cache.provide('tool-1', say, build), cache.provide('tool-1', say, build)]
    const homes = await Promise.all(asked)
    expect(builds).toBe(1)
    expect(homes.every((home) => existsSync(join(home, 'file')))).toBe(true)
  })

  it('never shows a thing that was not finished', async () => {
    const cache = newCache()
    const broken = async (draft: string) => {
      writeFileSync(join(draft, 'half'), '')
      throw new Error('the network is gone')
    }
    await expect(cache.provide('tool-1', say, broken)).rejects.toThrow('network')
    expect(cache.has('tool-1')).toBe(false)
    await cache.provide('tool-1', say, async () => {})
    expect(readdirSync(cache.folder)).toEqual(['tool-1'])
  })
})

import { describe, expect, it } from 'vitest'
import type { Server, Surroundings, Way } from './part.ts'
import { resolveServer } from './resolve.ts'

const here = {
  say: () => undefined,
  signal: new AbortController().signal,
} as unknown as Surroundings

const way = (how: Way['how'], possible: boolean, prepare?: Way['prepare']): Way => ({
  how,
  look: async () => ({ possible, note: `${how} note` }),
  prepare: prepare ?? (async () => () => Promise.reject(new Error('not started in this test'))),
})

const server = (...ways: Way[]): Server => ({
  name: 'redis',
  variable: 'REDIS_URL',
  ways,
  ask: async () => undefined,
  readyWithinMs: 1,
})

const offline = async () => {
  throw new Error('no network')
}

describe('where a server comes from', () => {
  it('is its variable before everything else', async () => {
    const resolved = await resolveServer(
      server(way('provisioned', true)),
      { REDIS_URL: 'redis://mine' },
      here,
    )
    expect(resolved).toMatchObject({ how: 'variable', url: 'redis://mine' })
  })

  it('is the first way that is possible here', async () => {
    const ways = [way('provisioned', false), way('binary', true), way('docker', true)]
    expect(await resolveServer(server(...ways), {}, here)).toMatchObject({ how: 'binary' })
  })

  it('is the next way when one cannot be prepared', async () => {
    const ways = [way('provisioned', true, offline), way('binary', true)]
    expect(await resolveServer(server(...ways), {}, here)).toMatchObject({ how: 'binary' })
  })

  it('is told in full when there is none: each way, its reason, and the variable', async () => {
    const ways = [way('provisioned', true, offline), way('binary', false)]
    const resolved = resolveServer(server(...ways), {}, here)
    await expect(resolved).rejects.toThrow(
      /redis did not start[^]*provisioned: no network[^]*binary: binary note[^]*REDIS_URL/,
    )
  })

  it('takes an empty variable for none', async () => {
    const ways = [way('provisioned', true)]
    const resolved = await resolveServer(server(...ways), { REDIS_URL: '' }, here)
    expect(resolved).toMatchObject({ how: 'provisioned' })
  })
})

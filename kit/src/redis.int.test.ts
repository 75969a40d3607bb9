import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import { bytesLeftBehind } from '../test/left-behind.ts'
import { makeLog } from './log.ts'
import { makeRedis } from './redis.ts'

const log = makeLog({ service: 'test', level: 'fatal' })
const opened: Redis[] = []
afterAll(() => {
  for (const redis of opened) redis.disconnect()
})
const open = async () => {
  const redis = makeRedis({ url: process.env['REDIS_URL'] ?? '', name: 'test', log })
  opened.push(redis)
  await once(redis, 'ready')
  return redis
}
const redis = await open()

test('the copy of what makes a command is that of the ioredis in use', () => {
  const { version } = createRequire(import.meta.url)('ioredis/package.json') as { version: string }
  expect(version).toBe('6.0.0')
})

test('a command brings its reply, and its error', async () => {
  expect(await redis.echo('hello')).toBe('hello')
  expect(await redis.hset('kit-test-hash', { one: '1' })).toBeGreaterThanOrEqual(0)
  expect(await redis.hgetall('kit-test-hash')).toEqual({ one: '1' })
  await expect(redis.get('kit-test-hash')).rejects.toThrow('WRONGTYPE')
  await redis.del('kit-test-hash')
})

test('a command that is not answered fails in time', async () => {
  const blocked = await open()
  await expect(blocked.blpop('kit-test-nothing', 1)).rejects.toThrow('timed out')
})

test('a command leaves nothing behind that only a full collection of memory would find', async () => {
  const [bytes, count] = [10_000, 1_000]
  const left = await bytesLeftBehind(count, () =>
    redis.echo(Buffer.alloc(bytes, 'x').toString('latin1')),
  )
  expect(left).toBeLessThan((bytes * count) / 10)
})

/** MongoDB for the tests of one file: a database of its own with its indexes, dropped afterwards. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { makeMongo } from '../src/feed-store.ts'
import { log, mongoUrl, runParts } from './bench.ts'

/** Call it at the top of the file. */
export const useMongo = () => {
  const name = `t${randomUUID().slice(0, 12)}`
  const url = mongoUrl(name)
  const mongo = makeMongo({ url, database: name, log })
  let stop: () => Promise<void>
  beforeAll(async () => {
    stop = runParts([mongo.part])
    await mongo.indexed
  })
  afterAll(async () => {
    await mongo.database.dropDatabase()
    await stop()
  })
  return { name, url, database: mongo.database, ready: mongo.ready }
}

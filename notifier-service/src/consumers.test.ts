import type { KafkaRecord } from '@quits/kit/kafka'
import { expect, test } from 'vitest'
import { makeGraveyard } from './consumers.ts'

/** A broker that refuses while `away` says at what; `open` are the connections it holds. */
const makeScene = () => {
  const state: { away: 'connect' | 'send' | undefined } = { away: undefined }
  const open = new Set<symbol>()
  const sent: KafkaRecord[] = []
  const refuseAt = (what: 'connect' | 'send') => {
    if (state.away === what) throw new Error(`refused to ${what}`)
  }
  const graveyard = makeGraveyard(
    {
      makeProducer() {
        const name = Symbol('producer')
        return {
          async connect() {
            // A producer may hold a socket although its connecting failed half-way.
            open.add(name)
            refuseAt('connect')
          },
          async send(_topic, records) {
            refuseAt('send')
            sent.push(...records)
          },
          async close() {
            open.delete(name)
          },
        }
      },
    },
    't.books.dead',
  )
  return { state, open, sent, graveyard }
}
const records = [{ key: 't.books/0/1', value: '{}' }]

test.each(['connect', 'send'] as const)(
  'a broker that refuses to %s is not left with a connection for each try',
  async (away) => {
    const { state, open, sent, graveyard } = makeScene()
    state.away = away
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(graveyard.bury(records)).rejects.toThrow(`refused to ${away}`)
    }
    expect(open.size).toBe(0)

    state.away = undefined
    await graveyard.bury(records)
    await graveyard.bury(records)
    expect(sent).toEqual([...records, ...records])
    expect(open.size).toBe(1)
    await graveyard.close()
    expect(open.size).toBe(0)
  },
)

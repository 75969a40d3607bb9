import { expect, it } from 'vitest'
import { type Proof, type ProofRow, wholeProof } from './proof.ts'

const row = (seq: number) => ({ seq }) as ProofRow
const book = { id: 'b', currency: 'EUR', lastSeq: 3, lastHash: 'h', accounts: [] }
const version = 'quits.proof.v1'

it('reads every page of a proof, in order, and asks for no more', async () => {
  const asked: (string | undefined)[] = []
  const pages: Record<string, Proof> = {
    first: { version, book, rows: [row(1), row(2)], next: 'second' },
    second: { version, book, rows: [row(3)], next: null },
  }
  const whole = await wholeProof(async (cursor) => {
    asked.push(cursor)
    return pages[cursor ?? 'first'] as Proof
  })
  expect(whole).toEqual({ version, book, rows: [row(1), row(2), row(3)], next: null })
  expect(asked).toEqual([undefined, 'second'])
})

it('ends although a server always names another page, and tells that it is not whole', async () => {
  let pages = 0
  const endless = await wholeProof(async () => {
    pages += 1
    return { version, book, rows: [], next: 'more' }
  })
  expect(pages).toBe(1_000)
  expect(endless.next).toBe('more')
})

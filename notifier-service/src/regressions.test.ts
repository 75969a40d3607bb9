import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const proofs = [
  './regressions.int.test.ts',
  './regressions-falls.int.test.ts',
  '../../web/e2e/regressions.test.ts',
]
  .map(read)
  .join('\n')

const ids = `L9 L10 L11 L12 L13 L14 D2 D3 I7 X1 X2 X3 X4 X5 X6 X10 N1 N2 N3 N4 N5 N6`.split(' ')

/** Ids without exactly one test that begins with them. */
const unproven = (text: string) =>
  ids.filter((id) => [...text.matchAll(new RegExp(`\\b(?:test|it)\\('${id}: `, 'g'))].length !== 1)

test('every fault of our audit that concerns the feed has one test of its own', () => {
  expect(unproven(proofs)).toEqual([])
})

test('broken twin: a test that lost its name is missed', () => {
  expect(unproven(proofs.replace("test('L12: ", "test('"))).toEqual(['L12'])
})

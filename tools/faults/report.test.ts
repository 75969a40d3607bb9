import { expect, test } from 'vitest'
import { tableOf } from './report.ts'

test('the table lines up, and says what failed', () => {
  const verdict = { id: 'G2', seed: 7, faults: [] }
  const table = tableOf([
    { ...verdict, passed: true, figures: { posts: 800, doubled: 0 }, twin: { caught: true } },
    { ...verdict, id: 'G10', passed: false, figures: {}, twin: { caught: false } },
  ])
  expect(table.split('\n')).toEqual([
    'id   verdict  twin    seed  figures',
    'G2   passed   caught  7     posts 800 · doubled 0',
    'G10  FAILED   MISSED  7     ',
  ])
})

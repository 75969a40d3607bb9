import { expect, it } from 'vitest'
import { tellingOf } from './events.ts'

/** The rows of one command: seq, kind and what they answer or undo. */
type Told = Parameters<typeof tellingOf>[0][number]
const row = (seq: number, kind: string, more: Partial<Told> = {}): Told => ({
  seq,
  kind,
  resolves: undefined,
  reverses: undefined,
  ...more,
})

const acts: [string, Told[], number][] = [
  ['an entry alone', [row(7, 'repayment')], 7],
  ['an undoing alone', [row(7, 'reversal', { reverses: 3 })], 7],
  ['an entry with consent', [row(7, 'advance'), row(8, 'accepted', { resolves: 7 })], 7],
  ['a debt opened with consent', [row(1, 'advance'), row(2, 'accepted', { resolves: 1 })], 1],
  [
    'a no to a debt that counted',
    [row(2, 'reversal', { reverses: 1 }), row(3, 'declined', { resolves: 1 })],
    3,
  ],
  ['a seat that is taken', [row(2, 'joined')], 2],
  ['a correction upwards', [row(7, 'advance'), row(8, 'reversal', { reverses: 3 })], 7],
  ['a correction downwards', [row(7, 'reversal', { reverses: 3 }), row(8, 'repayment')], 8],
  [
    'a correction with consent',
    [
      row(7, 'advance'),
      row(8, 'reversal', { reverses: 3 }),
      row(9, 'accepted', { resolves: 7 }),
      row(10, 'accepted', { resolves: 8, reverses: 3 }),
    ],
    7,
  ],
  [
    'a yes to a correction',
    [row(9, 'accepted', { resolves: 8, reverses: 3 }), row(10, 'accepted', { resolves: 7 })],
    10,
  ],
]

it.each(acts)('%s rings once, and with it comes what it did to the debt', (_, command, rings) => {
  const tell = tellingOf(command, 'closed')
  const loud = command.filter((one) => tell(one).silent !== true)
  expect(loud.map(({ seq }) => seq)).toEqual([rings])
  expect(command.flatMap((one) => tell(one).effect ?? [])).toEqual(['closed'])
})

it('asks nothing where consent was given beforehand', () => {
  const asked = acts.map(([name, command]) => {
    const tell = tellingOf(command, undefined)
    return [name, command.flatMap((one) => tell(one).status ?? [])]
  })
  const answered = asked.filter(([, statuses]) => statuses !== undefined && statuses.length > 0)
  expect(answered.map(([name]) => name)).toEqual([
    'an entry with consent',
    'a debt opened with consent',
    'a correction with consent',
  ])
})

it('says of a correction, and of nothing else, which entry it replaces', () => {
  const replaced = acts.map(([, command]) => {
    const tell = tellingOf(command, undefined)
    return command.flatMap((one) => tell(one).replaces ?? [])
  })
  expect(acts.filter((_, at) => replaced[at]?.length === 1).map(([name]) => name)).toEqual([
    'a correction upwards',
    'a correction downwards',
    'a correction with consent',
  ])
  expect(replaced.flat()).toEqual([3, 3, 3])
})

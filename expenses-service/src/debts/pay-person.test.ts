import type { Pool } from '@quits/kit/postgres'
import { expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { ana, bo, by, now } from '../testing/model.ts'
import type { Book } from '../transactions/book.ts'
import { makeState } from '../transactions/state.ts'
import { type Command, decideTurn } from '../transactions/turn.ts'
import type { Writer } from '../transactions/writer.ts'
import { makePayPerson } from './pay-person.ts'
import { openDebt } from './rules/opening.ts'

const ids = ['01890000-0000-8000-8000-000000000001', '01890000-0000-8000-8000-000000000002']

/** Bo owes Ana 30 and 5. */
const books: Book[] = ids.map((bookId, index) => {
  const words = { salt: '00'.repeat(16), note: 'x', reason: undefined, suggestedMinor: undefined }
  const opening = {
    bookId,
    role: 'borrower' as const,
    counterparty: { userId: ana, name: 'x', seat: 'asked' as const },
    currency: 'EUR',
    amountMinor: index === 0 ? 30n : 5n,
    occurredOn: '2026-11-20',
    words,
  }
  return openDebt(opening, by(bo), now).after
})

const rowsOf = (found: string[]) => found.map((id) => ({ book_id: id, due_on: null }))

/** Pays 35; `found` and `underLock` are what each try sees before and after the locks. */
const pay35 = (found: string[][], underLock: string[][]) => {
  const tries = { found: 0, underLock: 0 }
  const reader = (seen: string[][], at: keyof typeof tries) => ({
    query: async ({ name }: { name: string }) => {
      if (name === 'people-of') return { rows: [{ id: bo, name: 'Bo' }] }
      const rows = rowsOf(seen[tries[at]] ?? [])
      tries[at] += 1
      return { rows }
    },
  })
  const underLocks = reader(underLock, 'underLock') as unknown as Pool
  const submit = async (command: Command<unknown>) => {
    await command.look?.(underLocks)
    const state = makeState({
      now,
      books: books.filter(({ id }) => command.bookIds.includes(id)),
      entries: [],
      written: [],
      payments: [],
      relations: [],
      sessions: [{ id: 's', userId: ana }],
    })
    const [outcome] = decideTurn([command], state).outcomes
    if (outcome === undefined || 'refusal' in outcome) throw outcome?.refusal
    return outcome.written
  }
  const writer = { submit, queueLength: () => 0 } as unknown as Writer
  const pool = reader(found, 'found') as unknown as Pool
  const body = { from: 'them' as const, amount: { minor: '35', currency: 'EUR' } }
  const caller = { userId: ana, sessionId: 's' }
  return makePayPerson({ pool, writer })(bo, {
    caller,
    key: 'k',
    path: '/',
    ifMatch: undefined,
    body,
  })
}

const first = ids.slice(0, 1)

test('a debt that came between the look and the locks is paid, too: it starts once more', async () => {
  const { payment } = await pay35([first, ids], [ids, ids])
  expect(payment.transactions.map(({ amount }) => amount.minor)).toEqual(['30', '5'])
})

test('without looking again under the locks it would be left out', async () => {
  await expect(pay35([first], [first])).rejects.toMatchObject({
    code: 'overpayment',
    shown: { members: { remaining: { minor: '30' } } },
  })
})

test('a debt that is settled by then needs no second try', async () => {
  const { payment } = await pay35([ids], [first])
  expect(payment.status).toBe('posted')
})

test('when it happens again the caller is asked to come back', async () => {
  await expect(pay35([first, first], [ids, ids])).rejects.toMatchObject({ code: 'busy' })
})

test('over more debts than one payment takes it is refused, and never spread over some', async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ids[index] ?? `another ${index}`)
  const { payment } = await pay35([many(limits.debtsPerPaymentMax)], [ids])
  expect(payment.transactions).toHaveLength(2)
  const more = many(limits.debtsPerPaymentMax + 1)
  await expect(pay35([more], [more])).rejects.toMatchObject({ code: 'too_many_debts_between' })
})

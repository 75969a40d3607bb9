import type { Pool } from '@quits/kit/postgres'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeAnswerEntry } from '../debts/answer-entry.ts'
import { makeAmendEntry, makeReverseEntry } from '../debts/correct-entry.ts'
import { makeEnterEntry } from '../debts/enter-entry.ts'
import { makePayPerson } from '../debts/pay-person.ts'
import type { Incoming } from '../debts/request.ts'
import type { Verdict } from '../debts/rules.ts'
import { join, openDebt } from '../debts/rules/opening.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import { ana, bo, by, now } from '../testing/model.ts'
import type { Book, Change } from './book.ts'
import type { Entry } from './entry.ts'
import type { Row, Words } from './journal.ts'
import type { PaymentKey } from './payment-key.ts'
import { makeState, type State } from './state.ts'
import { type Command, decideTurn, type Decided, type Outcome } from './turn.ts'
import type { Writer } from './writer.ts'

const debts = ['01890000-0000-8000-8000-000000000001', '01890000-0000-8000-8000-000000000002']

/** What the tables hold, and what was told. */
interface Tables {
  books: Map<string, Book>
  rows: { row: Row; words: Words | undefined }[]
  keys: PaymentKey[]
  events: OutboxEvent[]
}

const save = (tables: Tables, decided: Pick<Decided, 'changes' | 'keys' | 'events'>) => {
  for (const { after, appended } of decided.changes) {
    tables.books.set(after.id, after)
    tables.rows.push(...appended)
  }
  tables.keys.push(...decided.keys)
  tables.events.push(...decided.events)
}

/** Bo owes Ana 100, and Ana owes Bo 60. */
const startTables = (): Tables => {
  const tables: Tables = { books: new Map(), rows: [], keys: [], events: [] }
  const write = (bookId: string, borrower: string, lender: string, amountMinor: bigint) => {
    const opening = {
      bookId,
      role: 'borrower' as const,
      counterparty: { userId: lender, name: 'x', seat: 'asked' as const },
      currency: 'EUR',
      amountMinor,
      occurredOn: '2026-11-20',
      words: { salt: '00'.repeat(16), note: 'x', reason: undefined, suggestedMinor: undefined },
    }
    const opened = openDebt(opening, by(borrower, 'open'), now)
    const saved = (change: Change) => save(tables, { changes: [change], keys: [], events: [] })
    saved(opened)
    const [first] = entriesOf(tables, bookId)
    if (first === undefined) throw new Error('a debt has an opening')
    saved(join(opened.after, first, by(lender, 'join'), now))
  }
  write(debts[0] ?? '', bo, ana, 100n)
  write(debts[1] ?? '', ana, bo, 60n)
  return tables
}

/** Entries as the load step joins them: each row with its answer and its undoing. */
const entriesOf = ({ rows }: Tables, bookId: string): Entry[] => {
  const own = rows.filter(({ row }) => row.bookId === bookId)
  return own.map(({ row, words }) => {
    const answer = own.find((one) => one.row.resolves === row.seq)?.row
    const undone = own.find((one) => one.row.reverses === row.seq && one.row.status === 'posted')
    return {
      row,
      note: words?.note,
      reason: words?.reason,
      suggestedMinor: words?.suggestedMinor,
      answer:
        answer === undefined
          ? undefined
          : { seq: answer.seq, kind: answer.kind, bundle: answer.bundle },
      undoneBy: undone?.row.seq,
    }
  })
}

/** What a turn of these commands loads, and no more. */
const loaded = (tables: Tables, commands: Command<unknown>[]): State => {
  const all = [...tables.books.keys()].flatMap((id) => entriesOf(tables, id))
  const wanted = new Set(
    commands.flatMap(({ entries }) => entries.map(({ bookId, seq }) => `${bookId}:${seq}`)),
  )
  const keys = new Set(
    commands.map(({ caller, request }) => `${request.bookId}:${caller.userId}:${request.key}`),
  )
  const keyOf = ({ row }: Entry) => `${row.bookId}:${row.enteredBy}:${row.key}`
  return makeState({
    now,
    books: commands.flatMap(({ bookIds }) => bookIds.flatMap((id) => tables.books.get(id) ?? [])),
    entries: all.filter(({ row }) => wanted.has(`${row.bookId}:${row.seq}`)),
    written: all.filter((entry) => entry.row.key !== undefined && keys.has(keyOf(entry))),
    payments: tables.keys.filter(({ userId, key }) => keys.has(`undefined:${userId}:${key}`)),
    relations: [
      {
        userId: ana,
        towardsId: bo,
        consent: { mode: 'upTo', amountMinor: 9n, currency: 'EUR' },
        blocked: false,
      },
    ],
    sessions: [ana, bo].map((userId) => ({ id: userId, userId })),
  })
}

/** Answers the look-ups that a use case makes before it queues its command. */
const lookUps = (tables: Tables) => {
  const answers: Record<string, (values: unknown[]) => object[]> = {
    'people-of': () => [{ id: bo, name: 'x' }],
    'payable-debts': () =>
      debts
        .filter((id) => tables.books.get(id)?.status === 'open')
        .map((id) => ({ book_id: id, due_on: null })),
    'made-together': ([bookId, seq]) => {
      const { row } =
        tables.rows.find((one) => one.row.bookId === bookId && one.row.seq === seq) ?? {}
      const bundle = row?.bundle
      return tables.rows
        .filter(
          (one) =>
            one.row === row ||
            (bundle !== undefined && one.row.bundle === bundle && one.row.resolves === undefined),
        )
        .map((one) => ({
          bundle: bundle ?? null,
          book_id: one.row.bookId,
          seq: one.row.seq,
          reverses: one.row.reverses ?? null,
        }))
    },
  }
  const query = async ({ name, values }: { name: string; values: unknown[] }) => ({
    rows: answers[name]?.(values) ?? [],
  })
  return { query } as unknown as Pool
}

type Wish = { who: string; debt: number; seq: number; minor: number; key: number } & (
  | { do: 'enter'; kind: 'advance' | 'repayment' }
  | { do: 'answer'; verdict: Verdict }
  | { do: 'reverse' | 'amend' | 'pay' }
)

/** The command that the real use case queues, with everything random in it drawn already. */
const commandOf = async (tables: Tables, wish: Wish): Promise<Command<unknown>> => {
  const pool = lookUps(tables)
  const queued = Promise.withResolvers<Command<unknown>>()
  const submit = async (command: Command<unknown>) => {
    await command.look?.(pool)
    queued.resolve(command)
    return new Promise(() => undefined)
  }
  const writer = { submit, queueLength: () => 0 } as unknown as Writer
  const deps = { pool, writer }
  const amount = { minor: String(wish.minor), currency: 'EUR' }
  const incoming = <B>(body: B): Incoming<B> => ({
    // Somebody who signed out is refused, wherever in the turn they stand.
    caller: { userId: wish.who, sessionId: wish.minor === 13 ? 'gone' : wish.who },
    // Few keys: some requests are repetitions, some use a key for something else.
    key: `k${wish.key}`,
    path: `/${wish.do}/${wish.debt}`,
    ifMatch: undefined,
    body,
  })
  const bookId = debts[wish.debt] ?? ''
  const place = { bookId, seq: wish.seq }
  const run = {
    enter: () =>
      makeEnterEntry(deps)(
        bookId,
        incoming({ kind: wish.do === 'enter' ? wish.kind : 'advance', amount }),
      ),
    answer: () =>
      makeAnswerEntry(deps)(place, wish.do === 'answer' ? wish.verdict : 'accepted', incoming({})),
    reverse: () => makeReverseEntry(deps)(place, incoming({ reason: 'x' })),
    amend: () => makeAmendEntry(deps)(place, incoming({ amount })),
    pay: () =>
      makePayPerson(deps)(wish.who === ana ? bo : ana, incoming({ from: 'them' as const, amount })),
  }
  void run[wish.do]().catch(queued.reject)
  return queued.promise
}

const common = {
  who: fc.constantFrom(ana, bo),
  debt: fc.nat(1),
  seq: fc.integer({ min: 1, max: 9 }),
  minor: fc.integer({ min: 1, max: 40 }),
  key: fc.nat(12),
}
const wishes = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        ...common,
        do: fc.constant('enter' as const),
        kind: fc.constantFrom('advance' as const, 'repayment' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        ...common,
        do: fc.constant('answer' as const),
        verdict: fc.constantFrom('accepted' as const, 'declined' as const, 'withdrawn' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        ...common,
        do: fc.constantFrom('reverse' as const, 'amend' as const, 'pay' as const),
      }),
    },
  ),
  { minLength: 2, maxLength: 24 },
)

const shown = (outcome: Outcome) =>
  'refusal' in outcome ? [outcome.refusal.code, outcome.refusal.shown] : outcome.written

type Decide = (commands: Command<unknown>[], state: State) => Decided

/** Carries the commands out in turns of so many, and answers all that can be seen of it. */
const carryOut = (start: Tables, commands: Command<unknown>[], perTurn: number, decide: Decide) => {
  const tables = {
    books: new Map(start.books),
    rows: [...start.rows],
    keys: [...start.keys],
    events: [...start.events],
  }
  const outcomes: unknown[] = []
  for (let at = 0; at < commands.length; at += perTurn) {
    const turn = commands.slice(at, at + perTurn)
    const decided = decide(turn, loaded(tables, turn))
    save(tables, decided)
    outcomes.push(...decided.outcomes.map(shown))
  }
  const byBook = tables.rows.toSorted(
    ({ row: a }, { row: b }) => a.bookId.localeCompare(b.bookId) || a.seq - b.seq,
  )
  return { outcomes, books: tables.books, rows: byBook, keys: tables.keys, events: tables.events }
}

/** Kinds of commands of which at least one was carried out, so that the property is about them. */
const carriedOut = new Set<string>()

/** Tables with something in them that waits, was answered or undone. */
const tablesAfter = async (wished: Wish[]): Promise<Tables> => {
  const tables = startTables()
  for (const wish of wished) {
    const turn = [await commandOf(tables, { ...wish, key: wish.key + 100 })]
    save(tables, decideTurn(turn, loaded(tables, turn)))
  }
  return tables
}

const batchEqualsOneByOne = (decide: Decide) =>
  fc.asyncProperty(wishes, wishes, fc.nat(24), async (earlier, wished, more) => {
    const tables = await tablesAfter(earlier)
    const commands = await Promise.all(wished.map((wish) => commandOf(tables, wish)))
    const alone = carryOut(tables, commands, 1, decideTurn)
    expect(carryOut(tables, commands, more + 2, decide)).toEqual(alone)
    for (const [index, wish] of wished.entries()) {
      if (Array.isArray(alone.outcomes[index])) continue
      carriedOut.add(wish.do)
    }
  })

test('a batch of commands equals the same commands one by one, to the last hash', async () => {
  await fc.assert(batchEqualsOneByOne(decideTurn), { numRuns: 300 })
  expect([...carriedOut].toSorted()).toEqual(['amend', 'answer', 'enter', 'pay', 'reverse'])
})

test('a decider that does not see what the commands before it did is caught', async () => {
  const blind: Decide = (commands, state) =>
    decideTurn(commands, { ...state, apply: () => undefined })
  expect((await fc.check(batchEqualsOneByOne(blind), { numRuns: 300 })).failed).toBe(true)
})

test('a decider that forgets the keys of payments is caught', async () => {
  const forgetful: Decide = (commands, state) =>
    decideTurn(commands, { ...state, applyKey: () => undefined })
  const wish = { do: 'pay' as const, who: ana, debt: 0, seq: 1, minor: 5, key: 1 }
  const tables = startTables()
  const commands = [await commandOf(tables, wish), await commandOf(tables, wish)]
  const alone = carryOut(tables, commands, 1, decideTurn)
  expect(carryOut(tables, commands, 2, decideTurn)).toEqual(alone)
  expect(carryOut(tables, commands, 2, forgetful)).not.toEqual(alone)
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkChain } from './check.ts'
import { canonicalForm, type Proof, type ProofRow } from './proof.ts'

const sha = (...parts: (Buffer | string)[]) => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest('hex')
}

const salt = 'ab'.repeat(16)
const said = { salt, note: 'cash, at the market', reason: null, suggestedMinor: null }

const base = {
  status: 'posted',
  enteredBy: 'u-ana',
  occurredOn: '2026-05-03',
  resolves: null,
  reverses: null,
  bundle: null,
  wordsHash: null,
  words: null,
  at: '2026-05-03T10:00:00.000Z',
} as const

const unsealed: Omit<ProofRow, 'hash' | 'prevHash'>[] = [
  {
    ...base,
    seq: 1,
    kind: 'advance',
    amountMinor: '4000',
    balanceMinor: '4000',
    postings: [{ debit: 1, credit: 2, amountMinor: '4000' }],
  },
  {
    ...base,
    seq: 2,
    kind: 'repayment',
    amountMinor: '1500',
    balanceMinor: '2500',
    wordsHash: sha(Buffer.from(salt, 'hex'), JSON.stringify([said.note, null, null])),
    words: said,
    postings: [{ debit: 2, credit: 1, amountMinor: '1500' }],
  },
  {
    ...base,
    seq: 3,
    kind: 'advance',
    amountMinor: '500',
    balanceMinor: '3000',
    postings: [{ debit: 1, credit: 2, amountMinor: '500' }],
  },
]

/** Seals rows into a chain, as a server does; a forger with a server can do that, too. */
const seal = (drafts: typeof unsealed): { book: Proof['book']; rows: ProofRow[] } => {
  const book = { id: 'b1', currency: 'EUR', lastSeq: 0, lastHash: '', accounts: [] }
  const rows: ProofRow[] = []
  for (const draft of drafts) {
    const prevHash = rows.at(-1)?.hash ?? '0'.repeat(64)
    const row = { ...draft, prevHash, hash: '' }
    const hash = sha(Buffer.from(prevHash, 'hex'), canonicalForm(row, book))
    rows.push({ ...row, hash })
  }
  const last = rows.at(-1)
  const posted = last?.balanceMinor ?? '0'
  return {
    book: {
      ...book,
      lastSeq: rows.length,
      lastHash: last?.hash ?? '',
      accounts: [
        { no: 1, postedMinor: posted },
        { no: 2, postedMinor: `-${posted}` },
      ],
    },
    rows,
  }
}

const good = seal(unsealed)
const known = { seq: 3, hash: good.book.lastHash }

/** The history with one row replaced. */
const withRow = (seq: number, change: Partial<ProofRow>) =>
  good.rows.map((row) => (row.seq === seq ? { ...row, ...change } : row))

it('finds a history as it was written', async () => {
  expect(await checkChain(good.book, good.rows)).toEqual({
    ok: true,
    rows: 3,
    unnamed: 0,
    head: known,
  })
})

it('still holds after the words were erased', async () => {
  const erased = withRow(2, { words: null })
  expect(await checkChain(good.book, erased)).toMatchObject({ ok: true })
})

it('links a row of somebody who is not named yet, and says that it could not recompute it', async () => {
  const concealed = withRow(2, { enteredBy: null })
  expect(await checkChain(good.book, concealed)).toMatchObject({ ok: true, unnamed: 1 })
})

describe('a history that was altered', () => {
  const twins: { name: string; rows: ProofRow[]; seq: number; fault: string }[] = [
    { name: 'another amount', rows: withRow(1, { amountMinor: '400' }), seq: 1, fault: 'row' },
    { name: 'another day', rows: withRow(2, { occurredOn: '2026-05-04' }), seq: 2, fault: 'row' },
    { name: 'another author', rows: withRow(3, { enteredBy: 'u-bo' }), seq: 3, fault: 'row' },
    {
      name: 'another note',
      rows: withRow(2, { words: { ...said, note: 'by card' } }),
      seq: 2,
      fault: 'words',
    },
    {
      name: 'a dropped row',
      rows: good.rows.filter(({ seq }) => seq !== 2),
      seq: 3,
      fault: 'order',
    },
    { name: 'a row from elsewhere', rows: withRow(2, { prevHash: salt }), seq: 2, fault: 'link' },
    { name: 'a cut end', rows: good.rows.slice(0, 2), seq: 2, fault: 'end' },
  ]
  it.each(twins)('is noticed: $name', async ({ rows, seq, fault }) => {
    expect(await checkChain(good.book, rows)).toEqual({ ok: false, seq, fault })
  })

  it('is noticed when its balance does not follow, though every hash fits', async () => {
    const [first, second, third] = unsealed
    if (first === undefined || second === undefined || third === undefined) throw new Error('rows')
    const forged = seal([first, { ...second, balanceMinor: '9999' }, third])
    expect(await checkChain(forged.book, forged.rows)).toEqual({
      ok: false,
      seq: 2,
      fault: 'balance',
    })
  })

  it('is noticed when it was written anew from the start, by who looked before', async () => {
    const anew = seal(unsealed.map((row) => ({ ...row, enteredBy: 'u-bo' })))
    expect(await checkChain(anew.book, anew.rows)).toMatchObject({ ok: true })
    expect(await checkChain(anew.book, anew.rows, known)).toEqual({
      ok: false,
      seq: 3,
      fault: 'end',
    })
    const cut = seal(unsealed.slice(0, 2))
    expect(await checkChain(cut.book, cut.rows, known)).toMatchObject({ ok: false, fault: 'end' })
  })
})

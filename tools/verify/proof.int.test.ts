import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Scene } from '../../expenses-service/src/testing/scene.ts'
import type { Fault } from './book-check.ts'
import { checkProofs, compareProofs } from './check-proof.ts'
import { type Proof, parseProof } from './proof-file.ts'
import { writeLedger } from './test-ledger.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
let scene: Scene
let debtId: string

beforeAll(async () => {
  const ledger = await writeLedger()
  scene = ledger.scene
  debtId = ledger.debtId
})
afterAll(() => scene.close())

const proofOf = async (query = ''): Promise<Proof> => {
  const { status, text } = await scene.get(scene.ana, `/v1/debts/${debtId}/proof${query}`)
  expect(status).toBe(200)
  return parseProof(text, 'the answer')
}

const faultsOf = (...pages: Proof[]): Fault[] => {
  const faults: Fault[] = []
  checkProofs(pages, (fault) => faults.push(fault))
  return faults
}

describe('the proof of a debt', () => {
  test('verifies by itself, with every field under the hash', async () => {
    const proof = await proofOf()
    expect(proof.rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(proof.rows[2]?.words?.note).toBe('repayment of 500')
    expect(faultsOf(proof)).toEqual([])
  })

  test('convicts who changes a field, a word, the head, or leaves a row out', async () => {
    const proof = await proofOf()
    const withRow = (seq: number, change: Partial<Proof['rows'][number]>): Proof => ({
      ...proof,
      rows: proof.rows.map((row) => (row.seq === seq ? { ...row, ...change } : row)),
    })
    const words = { salt: '00', note: 'x', reason: null, suggestedMinor: null }
    const forged: [Proof, number | undefined][] = [
      [withRow(3, { amountMinor: '501' }), 3],
      [withRow(4, { enteredBy: scene.bo.userId }), 4],
      [withRow(3, { words }), 3],
      [{ ...proof, book: { ...proof.book, lastSeq: 11 } }, undefined],
      [{ ...proof, book: { ...proof.book, accounts: [] } }, 2],
      [{ ...proof, rows: proof.rows.slice(0, -1) }, undefined],
      [{ ...proof, rows: proof.rows.slice(1) }, 2],
    ]
    for (const [page, seq] of forged) {
      expect(faultsOf(page).map((fault) => fault.seq)).toContain(seq)
    }
  })

  test('comes in pages that are one chain together, and not without each other', async () => {
    const first = await proofOf('?limit=6')
    const second = await proofOf(`?limit=6&cursor=${first.next}`)
    expect(second.next).toBeNull()
    expect(faultsOf(first, second)).toEqual([])
    expect(faultsOf(first).map(({ what }) => what)).toContain(
      'its proof goes on, but the next page is not here',
    )
    expect(faultsOf(second)).not.toEqual([])
  })

  test('shows no erased word, and verifies without it', async () => {
    const only = `WHERE book_id = '${debtId}' AND seq = 7`
    await scene.admin.query(`DELETE FROM transaction_words ${only}`)
    const proof = await proofOf()
    expect(proof.rows[6]).toMatchObject({ words: null, wordsHash: expect.any(String) })
    expect(checkProofs([proof], () => undefined)).toMatchObject({ faults: 0, erased: 1 })
  })

  test('is refused to a stranger like that of a debt that is not there', async () => {
    const absent = '/v1/debts/01890000-0000-8000-8000-000000000001/proof'
    const refused = await scene.get(scene.eve, `/v1/debts/${debtId}/proof`)
    expect(refused.status).toBe(404)
    expect(refused.text).toBe((await scene.get(scene.eve, absent)).text)
  })

  test('does not tell who answered as long as they stay unnamed', async () => {
    const lent = await scene.lend({ email: scene.bo.email })
    const path = `/v1/debts/${String(lent.body['id'])}`
    await scene.post(scene.bo, `${path}/decline`, { reason: 'not me' })
    const { text } = await scene.get(scene.ana, `${path}/proof`)
    expect(text).not.toContain(scene.bo.userId)
    const proof = parseProof(text, 'the answer')
    expect(checkProofs([proof], () => undefined)).toMatchObject({ faults: 0, withheld: 1 })
  })

  test('convicts a database whose history was cut or written anew', async () => {
    const proof = await proofOf()
    const compareAfter = async (sql: string) => {
      const client = await scene.admin.connect()
      const faults: Fault[] = []
      try {
        await client.query('BEGIN')
        await client.query(sql)
        await compareProofs(client, [proof], (fault) => faults.push(fault))
        return faults
      } finally {
        await client.query('ROLLBACK')
        client.release()
      }
    }
    const only = (seq: number) => `WHERE book_id = '${debtId}' AND seq = ${seq}`
    expect(await compareAfter('SELECT 1')).toEqual([])
    expect(await compareAfter(`UPDATE transactions SET hash = prev_hash ${only(3)}`)).toEqual([
      { book: debtId, seq: 3, what: 'is another in the database' },
    ])
    expect(await compareAfter(`DELETE FROM transactions ${only(10)}`)).toEqual([
      { book: debtId, seq: 10, what: 'is not in the database' },
    ])
  })
})

describe('npm run verify', () => {
  const run = (args: string[], url: string) =>
    spawnSync(process.execPath, [join(here, '../verify.ts'), ...args], {
      env: { ...process.env, POSTGRES_URL: url },
      encoding: 'utf8',
    })

  test('exits with 0 on a good database, with 1 and the row on a bad one', async () => {
    const good = run([], scene.url)
    expect(good.stdout).toMatch(/^Checked \d+ rows in \d+ books.*every one as it was written\.$/m)
    expect(good.status).toBe(0)
    const change = (by: string) =>
      scene.admin.query(
        `UPDATE transactions SET amount_minor = amount_minor ${by} WHERE book_id = $1 AND seq = 3`,
        [debtId],
      )
    await change('+ 1')
    const bad = run([], scene.url)
    await change('- 1')
    expect(bad.stdout).toContain(`${debtId} row 3: its content is not what was hashed`)
    expect(bad.status).toBe(1)
  })

  test('checks proof files, and says when there is nothing to check', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quits-proof-'))
    const file = join(folder, 'proof.json')
    try {
      const proof = await proofOf()
      writeFileSync(file, JSON.stringify(proof))
      expect(run([file, '--database', scene.url], '').status).toBe(0)
      writeFileSync(file, JSON.stringify({ ...proof, rows: proof.rows.slice(1) }))
      expect(run([file], '').status).toBe(1)
      writeFileSync(file, '{}')
      expect(run([file], '')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('is no proof'),
      })
      expect(run([], 'postgres://127.0.0.1:9/nothing').status).toBe(2)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('the verifier shares no code with the writer', () => {
  const files = readdirSync(here).filter((name) => !/test/.test(name))
  const imported = files.flatMap((name) =>
    [...readFileSync(here + name, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
  )
  expect(imported.length).toBeGreaterThan(10)
  const own = /^(\.\/[a-z-]+\.ts|node:[a-z]+|pg|zod)$/
  expect(imported.filter((from) => !own.test(from ?? ''))).toEqual([])
})

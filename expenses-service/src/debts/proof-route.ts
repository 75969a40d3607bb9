/** HTTP edge of a debt's proof. ARCHITECTURE.md has its form, `npm run verify` checks it. */
import type { Pool } from '@quits/kit/postgres'
import { makeCursor, readCursor } from '../cursor.ts'
import { type Route, route } from '../routing.ts'
import { findDebt } from './find-debt.ts'
import { proofAnswer, proofQuery, viewProof } from './proof.ts'
import { provenRowsOf } from './proof-store.ts'

const seqDigits = /^[1-9]\d{0,8}$/

/** A page ends at the head that was read before it: a row written meanwhile belongs to the next. */
export const debtProofRoute = ({ pool }: { pool: Pool }): Route =>
  route({
    method: 'get',
    path: '/v1/debts/:id/proof',
    summary: 'The hash chain of a debt, oldest first, to be verified by anybody',
    access: 'session',
    query: proofQuery,
    answers: { 200: proofAnswer },
    async handle({ caller, params, query }) {
      const [after] = query.cursor ? readCursor(query.cursor, [seqDigits]) : []
      const { book } = await findDebt(pool, caller.userId, params['id'])
      const rows = await provenRowsOf(pool, {
        bookId: book.id,
        afterSeq: Number(after ?? 0),
        lastSeq: book.lastSeq,
        limit: query.limit,
      })
      const last = rows.at(-1)?.row.seq ?? book.lastSeq
      const next = last < book.lastSeq ? makeCursor(String(last)) : null
      return { status: 200, body: viewProof(book, rows, caller.userId, next) }
    },
  })

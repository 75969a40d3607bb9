/** HTTP edge of a debt's history as a file. It is read page by page while it is sent. */
import type { Pool } from '@quits/kit/postgres'
import { z } from 'zod'
import { type Route, route } from '../routing.ts'
import { historyOf } from './history-store.ts'
import { viewDebt } from './debt.ts'
import { findDebt } from './find-debt.ts'
import { csvHistory, type HistoryFormat, jsonHistory } from './history.ts'
import { debtAnswer, entryAnswer } from './shapes.ts'

const historyAnswer = z.strictObject({ debt: debtAnswer, items: z.array(entryAnswer) })

async function* textOf(pool: Pool, bookId: string, lastSeq: number, format: HistoryFormat) {
  yield format.head
  for await (const entries of historyOf(pool, { bookId, afterSeq: 0, lastSeq })) {
    yield entries.map((entry) => format.line(entry, entry.row.seq === 1)).join('')
  }
  yield format.foot
}

export const historyRoutes = ({ pool }: { pool: Pool }): Route[] => {
  const fileOf = (bookId: string, ending: string) => ({
    'content-disposition': `attachment; filename="debt-${bookId}.${ending}"`,
  })

  return [
    route({
      method: 'get',
      path: '/v1/debts/:id/history.csv',
      summary: 'The whole history of a debt, oldest first, as CSV',
      access: 'session',
      produces: 'text/csv; charset=utf-8',
      answers: { 200: z.string() },
      async handle({ caller, params }) {
        const debt = await findDebt(pool, caller.userId, params['id'])
        const { id, lastSeq } = debt.book
        const stream = textOf(pool, id, lastSeq, csvHistory(debt, caller.userId))
        return { status: 200, stream, headers: fileOf(id, 'csv') }
      },
    }),
    route({
      method: 'get',
      path: '/v1/debts/:id/history.json',
      summary: 'The whole history of a debt, oldest first, as JSON',
      access: 'session',
      answers: { 200: historyAnswer },
      async handle({ caller, params }) {
        const debt = await findDebt(pool, caller.userId, params['id'])
        const { id, lastSeq, participants } = debt.book
        const shown = viewDebt(debt, caller.userId)
        const format = jsonHistory(shown, participants, caller.userId)
        const stream = textOf(pool, id, lastSeq, format)
        return { status: 200, stream, headers: fileOf(id, 'json') }
      },
    }),
  ]
}

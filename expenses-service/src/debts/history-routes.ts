/** HTTP edge of a debt's history as a file. It is read page by page while it is sent. */
import type { Pool } from '@quits/kit/postgres'
import { z } from 'zod'
import { ledgerError } from '../errors.ts'
import { type Route, route } from '../routing.ts'
import { entriesFrom } from './history-store.ts'
import { debtOf } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { csvHistory, type HistoryFormat, jsonHistory } from './history.ts'
import { idOf } from './request.ts'
import { debtAnswer, entryAnswer } from './shapes.ts'

const entriesPerPage = 500

const historyAnswer = z.strictObject({ debt: debtAnswer, items: z.array(entryAnswer) })

/** Up to the last row there was when it began: what is added meanwhile does not make it endless. */
async function* textOf(pool: Pool, bookId: string, lastSeq: number, format: HistoryFormat) {
  yield format.head
  for (let seq = 1; seq <= lastSeq; seq += entriesPerPage) {
    const toSeq = Math.min(lastSeq, seq + entriesPerPage - 1)
    const entries = await entriesFrom(pool, { bookId, fromSeq: seq, toSeq })
    yield entries.map((entry) => format.line(entry, entry.row.seq === 1)).join('')
  }
  yield format.foot
}

export const historyRoutes = ({ pool }: { pool: Pool }): Route[] => {
  const debtFor = async (userId: string, id: string | undefined) => {
    const debt = await debtOf(pool, userId, idOf(id))
    if (debt === undefined) throw ledgerError('not_found')
    return debt
  }
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
        const debt = await debtFor(caller.userId, params['id'])
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
        const debt = await debtFor(caller.userId, params['id'])
        const { id, lastSeq, participants } = debt.book
        const shown = viewDebt(debt, caller.userId)
        const format = jsonHistory(shown, participants, caller.userId)
        const stream = textOf(pool, id, lastSeq, format)
        return { status: 200, stream, headers: fileOf(id, 'json') }
      },
    }),
  ]
}

/** HTTP edge of the running tab between two people. */
import type { Pool } from '@quits/kit/postgres'
import { makeCursor, readCursor } from '../cursor.ts'
import { type Route, route } from '../routing.ts'
import { idOf } from './request.ts'
import { type EntriesQuery, entriesQuery, tabAnswer } from './shapes.ts'
import { showTab } from './tab.ts'

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const seqDigits = /^[1-9]\d{0,8}$/

const placeIn = (cursor: string | undefined) => {
  if (cursor === undefined) return undefined
  const [at = '', bookId = '', seq = ''] = readCursor(cursor, [instant, uuid, seqDigits])
  return { at, bookId, seq: Number(seq) }
}

const tabPage = async (pool: Pool, userId: string, otherId: string, query: EntriesQuery) => {
  const page = { before: placeIn(query.cursor), limit: query.limit + 1 }
  const lines = await showTab(pool, userId, otherId, page)
  const items = lines.slice(0, query.limit)
  const last = items.at(-1)
  const more = lines.length > query.limit && last !== undefined
  return { items, next: more ? makeCursor(last.at, last.debtId, String(last.seq)) : null }
}

export const tabRoute = ({ pool }: { pool: Pool }): Route =>
  route({
    method: 'get',
    path: '/v1/people/:id/transactions',
    summary: 'Everything written down between you, over all debts, newest first',
    access: 'session',
    query: entriesQuery,
    answers: { 200: tabAnswer },
    async handle({ caller, params, query }) {
      return { status: 200, body: await tabPage(pool, caller.userId, idOf(params['id']), query) }
    },
  })

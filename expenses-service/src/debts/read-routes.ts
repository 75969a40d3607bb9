/** HTTP edge of debts and their entries: reads. */
import { createHash } from 'node:crypto'
import type { Pool } from '@quits/kit/postgres'
import { makeCursor, readCursor } from '../cursor.ts'
import { ledgerError } from '../errors.ts'
import { type Route, route } from '../routing.ts'
import { entriesOf, entryOf } from '../transactions/entry-store.ts'
import { listDebts } from './debt-store.ts'
import { etagOf, viewDebt } from './debt.ts'
import { findDebt } from './find-debt.ts'
import { listPeople, showPerson } from './person.ts'
import { idOf, seqMax, seqOf } from './request.ts'
import {
  type DebtsQuery,
  debtAnswer,
  debtsAnswer,
  debtsQuery,
  type DebtEntriesQuery,
  entriesAnswer,
  debtEntriesQuery,
  entryAnswer,
  type PeopleQuery,
  peopleAnswer,
  peopleQuery,
  personDetailAnswer,
  summaryAnswer,
} from './shapes.ts'
import { showEntries } from './show-entries.ts'
import { totalsOf, totalsOfList } from './totals-store.ts'
import { entriesWaitingFor } from './waiting-store.ts'

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const uuid = /^[0-9a-f-]{36}$/
const seqDigits = /^[1-9]\d{0,9}$/
const anyName = /^[^\p{Cc}]{1,200}$/u

/** Routes that only read. Every one of them carries the caller's id into its query. */
export const debtReadRoutes = ({ pool }: { pool: Pool }): Route[] => {
  const debtsPage = async (userId: string, query: DebtsQuery) => {
    const [createdAt, bookId] = query.cursor ? readCursor(query.cursor, [instant, uuid]) : []
    const before =
      createdAt === undefined || bookId === undefined ? undefined : { createdAt, bookId }
    const page = { ...query, limit: query.limit + 1 }
    const debts = await listDebts(pool, userId, page, before)
    const items = debts.slice(0, query.limit).map((debt) => viewDebt(debt, userId))
    const last = items.at(-1)
    const more = debts.length > query.limit && last !== undefined
    const totals = await totalsOfList(pool, userId, query)
    return { items, next: more ? makeCursor(last.createdAt, last.id) : null, totals }
  }

  const entriesPage = async (userId: string, id: string | undefined, query: DebtEntriesQuery) => {
    const { book } = await findDebt(pool, userId, id)
    const [seq] = query.cursor ? readCursor(query.cursor, [seqDigits]) : []
    const beforeSeq = seq === undefined ? seqMax : Number(seq)
    const page = { bookId: book.id, beforeSeq, limit: query.limit + 1 }
    const entries = await (query.waiting === 'me'
      ? entriesWaitingFor(pool, userId, page)
      : entriesOf(pool, page))
    const shown = entries.slice(0, query.limit)
    const items = await showEntries(pool, shown, book.participants, userId)
    const last = items.at(-1)
    const more = entries.length > query.limit && last !== undefined
    return { items, next: more ? makeCursor(String(last.seq)) : null }
  }

  return [
    route({
      method: 'get',
      path: '/v1/debts',
      summary: 'Your debts, newest first, with totals per currency',
      access: 'session',
      query: debtsQuery,
      answers: { 200: debtsAnswer },
      handle: async ({ caller, query }) => ({
        status: 200,
        body: await debtsPage(caller.userId, query),
      }),
    }),
    route({
      method: 'get',
      path: '/v1/debts/:id',
      summary: 'One debt',
      access: 'session',
      answers: { 200: debtAnswer },
      async handle({ caller, params }) {
        const debt = viewDebt(await findDebt(pool, caller.userId, params['id']), caller.userId)
        return { status: 200, body: debt, headers: { etag: etagOf(debt) } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/debts/:id/transactions',
      summary: 'The history of a debt, newest first',
      access: 'session',
      query: debtEntriesQuery,
      answers: { 200: entriesAnswer },
      handle: async ({ caller, params, query }) => ({
        status: 200,
        body: await entriesPage(caller.userId, params['id'], query),
      }),
    }),
    route({
      method: 'get',
      path: '/v1/debts/:id/transactions/:seq',
      summary: 'One entry of a debt',
      access: 'session',
      answers: { 200: entryAnswer },
      async handle({ caller, params }) {
        const { book } = await findDebt(pool, caller.userId, params['id'])
        const entry = await entryOf(pool, book.id, seqOf(params['seq']))
        const found = entry === undefined ? [] : [entry]
        const [view] = await showEntries(pool, found, book.participants, caller.userId)
        if (view === undefined) throw ledgerError('not_found')
        // The row never changes; what later rows made of it is in its status.
        return { status: 200, body: view, headers: { etag: `"${view.seq}-${view.status}"` } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/summary',
      summary: 'What you are owed and owe, per currency',
      access: 'session',
      answers: { 200: summaryAnswer },
      handle: async ({ caller }) => ({
        status: 200,
        body: { currencies: await totalsOf(pool, caller.userId) },
      }),
    }),
    route({
      method: 'get',
      path: '/v1/people',
      summary: 'The people you share debts with',
      access: 'session',
      query: peopleQuery,
      answers: { 200: peopleAnswer },
      handle: async ({ caller, query }) => ({
        status: 200,
        body: await peoplePage(pool, caller.userId, query),
      }),
    }),
    route({
      method: 'get',
      path: '/v1/people/:id',
      summary: 'One person and what is between you',
      access: 'session',
      answers: { 200: personDetailAnswer },
      async handle({ caller, params }) {
        const body = await showPerson(pool, caller.userId, idOf(params['id']))
        return { status: 200, body, headers: { etag: tagOf(body) } }
      },
    }),
  ]
}

const peoplePage = async (pool: Pool, userId: string, query: PeopleQuery) => {
  const [name, id] = query.cursor ? readCursor(query.cursor, [anyName, uuid]) : []
  const after = name === undefined || id === undefined ? undefined : { name, id }
  const persons = await listPeople(pool, userId, { after, limit: query.limit + 1 })
  const items = persons.slice(0, query.limit)
  const last = items.at(-1)
  const more = persons.length > query.limit && last !== undefined
  return { items, next: more ? makeCursor(last.name, last.id) : null }
}

/** Strong, for a thing that has no version: the same tag, the same bytes. */
const tagOf = (body: object): string =>
  `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)}"`

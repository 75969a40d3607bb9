/** The reading methods of `quits.ledger.v1.Ledger`; lists are read page by page as they go out. */
import type { GrpcCall } from '@quits/kit/grpc'
import type { Pool } from '@quits/kit/postgres'
import type { DebtMessage, EntryMessage, ListDebtsRequest } from '@quits/proto/ledger'
import { ledgerError } from '../errors.ts'
import { callerOf } from '../grpc-edge.ts'
import { limits } from '../limits.ts'
import { type Authenticate, parse } from '../routing.ts'
import { viewEntry } from '../transactions/entry.ts'
import { entriesOf } from '../transactions/entry-store.ts'
import { debtOf, listDebts } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { debtMessage, debtsQueryOf, entryMessage } from './messages.ts'
import { idOf } from './request.ts'
import { debtsQuery } from './shapes.ts'
import { totalsOf } from './totals-store.ts'

const limit = limits.pageSizeMax
const seqMax = 2_147_483_647

export const makeLedgerReads = (deps: { pool: Pool; authenticate: Authenticate }) => {
  const { pool, authenticate } = deps

  const debtFor = async (call: GrpcCall, debtId: string) => {
    const { userId } = await callerOf(call, authenticate.session)
    const debt = await debtOf(pool, userId, idOf(debtId))
    if (debt === undefined) throw ledgerError('not_found')
    return { debt, userId }
  }

  return {
    async debt(request: { debtId: string }, call: GrpcCall) {
      const { debt, userId } = await debtFor(call, request.debtId)
      return debtMessage(viewDebt(debt, userId))
    },
    async summary(_request: object, call: GrpcCall) {
      const { userId } = await callerOf(call, authenticate.session)
      return { currencies: await totalsOf(pool, userId) }
    },
    async *debts(request: ListDebtsRequest, call: GrpcCall): AsyncGenerator<DebtMessage> {
      const { userId } = await callerOf(call, authenticate.session)
      const query = { ...parse(debtsQuery, debtsQueryOf(request)), limit }
      let before: { createdAt: string; bookId: string } | undefined
      for (;;) {
        const page = await listDebts(pool, userId, query, before)
        for (const debt of page) yield debtMessage(viewDebt(debt, userId))
        const last = page.at(-1)?.book
        if (last === undefined || page.length < limit) return
        before = { createdAt: last.createdAt, bookId: last.id }
      }
    },
    async *entries(request: { debtId: string }, call: GrpcCall): AsyncGenerator<EntryMessage> {
      const { debt, userId } = await debtFor(call, request.debtId)
      const { id: bookId, participants } = debt.book
      let beforeSeq = seqMax
      for (;;) {
        const page = await entriesOf(pool, { bookId, beforeSeq, limit })
        for (const entry of page) yield entryMessage(viewEntry(entry, participants, userId))
        const last = page.at(-1)
        if (last === undefined || page.length < limit) return
        beforeSeq = last.row.seq
      }
    },
  }
}

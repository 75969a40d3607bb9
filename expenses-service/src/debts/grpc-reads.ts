/** The reading methods of `quits.ledger.v1.Ledger`; lists are read page by page as they go out. */
import type { Pool } from '@quits/kit/postgres'
import type {
  DebtMessage,
  EntryMessage,
  InvitationMessage,
  InvitedEntryMessage,
  ListDebtsRequest,
  PersonMessage,
  ProofPartMessage,
  TabEntryMessage,
} from '@quits/proto/ledger'
import { ledgerError } from '../errors.ts'
import { limits } from '../limits.ts'
import { parse } from '../routing.ts'
import { viewEntry } from '../transactions/entry.ts'
import { entriesOf, entryOf } from '../transactions/entry-store.ts'
import { listDebts } from './debt-store.ts'
import { viewDebt } from './debt.ts'
import { findDebt } from './find-debt.ts'
import { historyOf } from './history-store.ts'
import { invitationsOf } from './invitation-store.ts'
import { viewInvitation } from './invitation-view.ts'
import { bodyOf, debtMessage, entryMessage } from './messages.ts'
import {
  invitationMessage,
  invitedDebtMessage,
  invitedEntryMessage,
  personMessage,
  proofBookMessage,
  proofRowMessage,
  tabEntryMessage,
} from './people-messages.ts'
import { listPeople, showPerson } from './person.ts'
import { rowsPerPage, viewProof } from './proof.ts'
import { provenRowsOf } from './proof-store.ts'
import { idOf, seqMax, seqOf } from './request.ts'
import { debtEntriesQuery, debtsQuery } from './shapes.ts'
import { showEntries } from './show-entries.ts'
import { makeShowInvitation } from './show-invitation.ts'
import { showTab } from './tab.ts'
import type { TabPlace } from './tab-store.ts'
import { totalsOf, totalsOfList } from './totals-store.ts'
import { entriesWaitingFor } from './waiting-store.ts'

type Debt = { debtId: string }
type From = { beforeSeq?: number }
type Entries = Debt & From & { waiting?: string }
type After = Debt & { afterSeq?: number }

const limit = limits.pageSizeMax

/** Page after page, each read when the one before it was taken; `placeOf` tells where it ended. */
async function* inPages<T, P>(
  read: (after: P | undefined) => Promise<T[]>,
  placeOf: (last: T) => P,
): AsyncGenerator<T, void, undefined> {
  let after: P | undefined
  for (;;) {
    const page = await read(after)
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return
    after = placeOf(last)
  }
}

const queryOf = (request: ListDebtsRequest) => {
  const names = ['role', 'status', 'person', 'currency', 'category', 'q', 'archived'] as const
  return { ...parse(debtsQuery, bodyOf(request, ...names, 'from', 'to', 'waiting')), limit }
}

/** Each takes the request and the caller's id; who calls is known by then. */
export const makeLedgerReads = ({ pool }: { pool: Pool }) => {
  const show = makeShowInvitation(pool)

  return {
    async debt({ debtId }: Debt, userId: string) {
      return debtMessage(viewDebt(await findDebt(pool, userId, debtId), userId))
    },
    async *debts(request: ListDebtsRequest, userId: string): AsyncGenerator<DebtMessage> {
      const query = queryOf(request)
      const debts = inPages(
        (before: { createdAt: string; bookId: string } | undefined) =>
          listDebts(pool, userId, query, before),
        ({ book }) => ({ createdAt: book.createdAt, bookId: book.id }),
      )
      for await (const debt of debts) yield debtMessage(viewDebt(debt, userId))
    },
    async sums(request: ListDebtsRequest, userId: string) {
      return { totals: await totalsOfList(pool, userId, queryOf(request)) }
    },
    async summary(_request: object, userId: string) {
      return { currencies: await totalsOf(pool, userId) }
    },

    async entry({ debtId, seq }: Debt & { seq: number }, userId: string) {
      const { book } = await findDebt(pool, userId, debtId)
      const entry = await entryOf(pool, book.id, seqOf(String(seq)))
      const found = entry === undefined ? [] : [entry]
      const [view] = await showEntries(pool, found, book.participants, userId)
      if (view === undefined) throw ledgerError('not_found')
      return entryMessage(view)
    },
    async *entries(request: Entries, userId: string): AsyncGenerator<EntryMessage> {
      const { id: bookId, participants } = (await findDebt(pool, userId, request.debtId)).book
      const { waiting } = parse(debtEntriesQuery, bodyOf(request, 'waiting'))
      const read = (page: { bookId: string; beforeSeq: number; limit: number }) =>
        waiting === 'me' ? entriesWaitingFor(pool, userId, page) : entriesOf(pool, page)
      const entries = inPages(
        async (beforeSeq: number = seqBefore(request)) =>
          showEntries(pool, await read({ bookId, beforeSeq, limit }), participants, userId),
        ({ seq }) => seq,
      )
      for await (const entry of entries) yield entryMessage(entry)
    },
    async *history(request: After, userId: string): AsyncGenerator<EntryMessage> {
      const { book } = await findDebt(pool, userId, request.debtId)
      const { id: bookId, lastSeq } = book
      const stretch = { bookId, afterSeq: request.afterSeq ?? 0, lastSeq }
      for await (const page of historyOf(pool, stretch)) {
        for (const entry of page) yield entryMessage(viewEntry(entry, book.participants, userId))
      }
    },
    async *proof(request: After, userId: string): AsyncGenerator<ProofPartMessage> {
      const { book } = await findDebt(pool, userId, request.debtId)
      const { id: bookId, lastSeq } = book
      yield { book: proofBookMessage(viewProof(book, [], userId, null)) }
      for (let afterSeq = request.afterSeq ?? 0; afterSeq < lastSeq; afterSeq += rowsPerPage) {
        const page = { bookId, afterSeq, lastSeq, limit: rowsPerPage }
        const { rows } = viewProof(book, await provenRowsOf(pool, page), userId, null)
        for (const row of rows) yield { row: proofRowMessage(row) }
      }
    },

    async *people(_request: object, userId: string): AsyncGenerator<PersonMessage> {
      yield* inPages(
        (after: { name: string; id: string } | undefined) =>
          listPeople(pool, userId, { after, limit }),
        ({ name, id }) => ({ name, id }),
      )
    },
    async person({ personId }: { personId: string }, userId: string) {
      return personMessage(await showPerson(pool, userId, idOf(personId)))
    },
    async *tab(
      { personId }: { personId: string },
      userId: string,
    ): AsyncGenerator<TabEntryMessage> {
      const lines = inPages(
        (before: TabPlace | undefined) => showTab(pool, userId, idOf(personId), { before, limit }),
        ({ at, debtId, seq }) => ({ at, bookId: debtId, seq }),
      )
      for await (const line of lines) yield tabEntryMessage(line)
    },

    async *invitations({ debtId }: Debt, userId: string): AsyncGenerator<InvitationMessage> {
      const { book } = await findDebt(pool, userId, debtId)
      const invitations = await invitationsOf(pool, { bookId: book.id, userId })
      for (const one of invitations) yield invitationMessage(viewInvitation(one))
    },
    async invitation({ token }: { token: string }) {
      return invitedDebtMessage(await show(token, { beforeSeq: seqMax, limit: 1 }))
    },
    async *invited(request: { token: string } & From): AsyncGenerator<InvitedEntryMessage> {
      const entries = inPages(
        async (beforeSeq: number = seqBefore(request)) =>
          (await show(request.token, { beforeSeq, limit })).items,
        ({ seq }) => seq,
      )
      for await (const entry of entries) yield invitedEntryMessage(entry)
    },
  }
}

const seqBefore = ({ beforeSeq = seqMax }: From): number => Math.min(beforeSeq, seqMax)

/** Every call the app makes, by name. Paths and bodies are in one place. */
import type {
  Counts,
  MarkStatus,
  Mute,
  NotificationGroup,
  Preferences,
  StoredNotification,
} from '@quits/proto/feed'
import type { Proof } from '../chain/proof.ts'
import type { Client } from './client.ts'
import type {
  Consent,
  Correction,
  Debt,
  DebtChange,
  DebtsFilter,
  DebtsPage,
  Entry,
  Invitation,
  KnownPerson,
  MadeInvitation,
  NewDebt,
  NewEntry,
  NewPayment,
  Page,
  Payment,
  Person,
  Refusal,
  SessionAnswer,
  ShownDebt,
  Summary,
  TabEntry,
} from './shapes.ts'

const pageItems = 50
/** So many entries of a debt may wait at a time. */
const waitingItems = 100
const notificationItems = 30
/** The feed asks again later when the door says nothing. */
const ticketMsMax = 15_000

const people = 200

const personPath = (id: string) => `/v1/people/${encodeURIComponent(id)}`
const preferencesPath = '/v1/notifications/preferences'
const invitationPath = (token: string) => `/v1/invitations/${encodeURIComponent(token)}`
const debtPath = (id: string) => `/v1/debts/${encodeURIComponent(id)}`

/** What narrows the page of everything that is new. */
export interface NewsFilter {
  status?: 'inbox' | 'unread' | 'archived'
  /** The user id of who did it. */
  person?: string
  debt?: string
  kind?: string
}

/** Notifications by id, or everything up to a place. */
export type Marked = { ids: readonly string[] } | { upTo: number }

export interface GroupPage extends Page<NotificationGroup> {
  counts?: Counts
}

export interface NotificationPage extends Page<StoredNotification> {
  counts?: Counts
}

export const makeQuits = ({ call, file }: Client) => ({
  signUp: (body: { name: string; email: string; password?: string; locale?: string }) =>
    call<{ nonce: string }>('/v1/users', { method: 'POST', body, open: true }),
  askCode: (email: string) =>
    call<{ nonce: string }>('/v1/auth/codes', { method: 'POST', body: { email }, open: true }),
  verifyCode: (body: { email: string; code: string; nonce: string }) =>
    call<SessionAnswer>('/v1/auth/codes/verify', { method: 'POST', body, open: true }),
  logIn: (body: { email: string; password: string }) =>
    call<SessionAnswer>('/v1/auth/login', { method: 'POST', body, open: true }),
  logOut: () => call<void>('/v1/auth/logout', { method: 'POST', body: {} }),

  summary: (signal: AbortSignal) => call<Summary>('/v1/summary', { signal }),
  debts: (filter: DebtsFilter, cursor: string | undefined, signal: AbortSignal) => {
    const query = new URLSearchParams({ ...filter, limit: String(pageItems) })
    if (cursor !== undefined) query.set('cursor', cursor)
    return call<DebtsPage>(`/v1/debts?${query}`, { signal })
  },
  debt: (id: string, signal: AbortSignal) => call<Debt>(debtPath(id), { signal }),
  entries: (id: string, cursor: string | undefined, signal: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(pageItems) })
    if (cursor !== undefined) query.set('cursor', cursor)
    return call<Page<Entry>>(`${debtPath(id)}/transactions?${query}`, { signal })
  },

  /** What of a debt waits for its reader: never more than fits on one page. */
  waiting: (id: string, signal: AbortSignal) => {
    const query = new URLSearchParams({ waiting: 'me', limit: String(waitingItems) })
    return call<Page<Entry>>(`${debtPath(id)}/transactions?${query}`, { signal })
  },

  addDebt: (body: NewDebt, key: string) => call<Debt>('/v1/debts', { method: 'POST', body, key }),
  addEntry: (id: string, body: NewEntry, key: string) =>
    call<Entry>(`${debtPath(id)}/transactions`, { method: 'POST', body, key }),
  /** Refused when the debt's words are other than those that were read. */
  acceptDebt: ({ id, version }: Pick<Debt, 'id' | 'version'>, key: string) =>
    call<Debt>(`${debtPath(id)}/accept`, {
      method: 'POST',
      body: {},
      key,
      ifMatch: `"${version}"`,
    }),
  declineDebt: (id: string, body: Refusal, key: string) =>
    call<Debt>(`${debtPath(id)}/decline`, { method: 'POST', body, key }),
  acceptEntry: (id: string, seq: number, key: string) =>
    call<Entry>(`${debtPath(id)}/transactions/${seq}/accept`, { method: 'POST', body: {}, key }),
  declineEntry: (id: string, seq: number, body: Refusal, key: string) =>
    call<Entry>(`${debtPath(id)}/transactions/${seq}/decline`, { method: 'POST', body, key }),
  withdrawDebt: (id: string, key: string) =>
    call<Debt>(`${debtPath(id)}/withdraw`, { method: 'POST', body: {}, key }),
  withdrawEntry: (id: string, seq: number, key: string) =>
    call<Entry>(`${debtPath(id)}/transactions/${seq}/withdraw`, { method: 'POST', body: {}, key }),
  correctEntry: (id: string, seq: number, body: Correction, key: string) => {
    const verb = body.amount === undefined ? 'reverse' : 'amend'
    const path = `${debtPath(id)}/transactions/${seq}/${verb}`
    return call<Entry>(path, { method: 'POST', body, key })
  },
  changeDebt: (id: string, body: DebtChange, version: number) =>
    call<Debt>(debtPath(id), { method: 'PATCH', body, ifMatch: `"${version}"` }),
  putAway: (id: string, isAway: boolean) =>
    call<Debt>(`${debtPath(id)}/${isAway ? 'archive' : 'unarchive'}`, { method: 'POST', body: {} }),
  historyFile: (id: string, form: 'csv' | 'json') => file(`${debtPath(id)}/history.${form}`),
  proof: (id: string, cursor: string | undefined, signal: AbortSignal) => {
    const query = cursor === undefined ? '' : `?${new URLSearchParams({ cursor })}`
    return call<Proof>(`${debtPath(id)}/proof${query}`, { signal })
  },

  people: (signal: AbortSignal) =>
    call<Page<KnownPerson>>(`/v1/people?limit=${people}`, { signal }),
  person: (id: string, signal: AbortSignal) => call<Person>(personPath(id), { signal }),
  tab: (id: string, cursor: string | undefined, signal: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(pageItems) })
    if (cursor !== undefined) query.set('cursor', cursor)
    return call<Page<TabEntry>>(`${personPath(id)}/transactions?${query}`, { signal })
  },
  pay: (id: string, body: NewPayment, key: string) =>
    call<Payment>(`${personPath(id)}/payments`, { method: 'POST', body, key }),
  consent: (id: string, body: Consent) =>
    call<Consent>(`${personPath(id)}/consent`, { method: 'PUT', body }),
  block: (id: string, blocked: boolean) =>
    call<{ blocked: boolean }>(`${personPath(id)}/block`, { method: 'PUT', body: { blocked } }),

  invite: (id: string, body: { email?: string }, key: string) =>
    call<MadeInvitation>(`${debtPath(id)}/invitations`, { method: 'POST', body, key }),
  invitations: (id: string, signal: AbortSignal) =>
    call<{ items: Invitation[] }>(`${debtPath(id)}/invitations`, { signal }),
  revokeInvitation: (id: string, invitation: string) =>
    call<void>(`${debtPath(id)}/invitations/${encodeURIComponent(invitation)}`, {
      method: 'DELETE',
    }),
  shownDebt: (token: string, cursor: string | undefined, signal: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(pageItems) })
    if (cursor !== undefined) query.set('cursor', cursor)
    return call<ShownDebt>(`${invitationPath(token)}?${query}`, { open: true, signal })
  },
  takeSeat: (token: string, body: { seq: number; hash: string }, key: string) =>
    call<Debt>(`${invitationPath(token)}/accept`, { method: 'POST', body, key }),
  declineSeat: (token: string, key: string) =>
    call<unknown>(`${invitationPath(token)}/decline`, { method: 'POST', body: {}, key }),

  notifications: (signal: AbortSignal) =>
    call<NotificationPage>(`/v1/notifications?limit=${notificationItems}`, { signal }),
  notificationGroups: (filter: NewsFilter, cursor: string | undefined, signal: AbortSignal) => {
    const query = new URLSearchParams({ ...filter, grouped: 'true', limit: '30' })
    if (cursor !== undefined) query.set('cursor', cursor)
    return call<GroupPage>(`/v1/notifications?${query}`, { signal })
  },
  notificationsNamed: (ids: readonly string[], signal: AbortSignal) => {
    const query = new URLSearchParams({ ids: ids.join(','), limit: '100' })
    return call<NotificationPage>(`/v1/notifications?${query}`, { signal })
  },
  mark: (marked: Marked, status: MarkStatus) =>
    call<{ counts?: Counts }>('/v1/notifications/marks', {
      method: 'POST',
      body: { ...marked, status },
    }),
  preferences: (signal?: AbortSignal) =>
    call<Preferences>(preferencesPath, signal === undefined ? {} : { signal }),
  setMutes: (mutes: readonly Mute[]) =>
    call<Preferences>(preferencesPath, { method: 'PUT', body: { mutes } }),
  feedTicket: () =>
    call<{ ticket: string }>('/v1/feed/tickets', {
      method: 'POST',
      body: {},
      signal: AbortSignal.timeout(ticketMsMax),
    }),
})

export type Quits = ReturnType<typeof makeQuits>

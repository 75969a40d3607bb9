/** One true conversation, frame by frame; a test holds each against its schema. */
import type { ClientFrame, ServerFrame } from '@quits/proto/feed'

export type Frame = ClientFrame | ServerFrame

export interface Example<F extends Frame = Frame> {
  name: string
  summary: string
  payload: F
}

type ByType = { [T in Frame['type']]: [Example<Extract<Frame, { type: T }>>, ...Example[]] }

const debt = '3f0b2c4e-8f3a-4d0e-9d55-1c8e6a7b9012'
const ana = '7d9f1e6a-52b4-4f7e-8d3c-0a1b2c3d4e5f'
const eventId = `${debt}:4`
const counts = { unseen: 1, unread: 2 }

const repayment = {
  seq: 42,
  id: eventId,
  kind: 'transaction.posted',
  at: '2026-11-01T10:00:00.000Z',
  actor: ana,
  subject: { type: 'debt' as const, id: debt },
  data: {
    seq: 4,
    kind: 'repayment',
    status: 'posted' as const,
    amount: { minor: '1250', currency: 'EUR' },
    balance: { minor: '2750', currency: 'EUR' },
    occurredOn: '2026-11-01',
    role: 'lender' as const,
  },
}

export const examples: ByType = {
  connect: [
    {
      name: 'resume',
      summary: 'A device that has everything up to 41.',
      payload: {
        type: 'connect',
        ticket: 'q5Vn0eJrZr1W3mWcI0xV5fE0n2m1XhQd',
        device: 'phone',
        since: { epoch: 1, seq: 41 },
      },
    },
    {
      name: 'live',
      summary: 'A device that wants what comes from now on.',
      payload: { type: 'connect', ticket: 'Zt2Lk1m8Qd0c7RrWnq3XjV5sEo9yUaBp', device: 'tablet' },
    },
  ],
  ack: [
    { name: 'ack', summary: 'Everything up to 42 is kept.', payload: { type: 'ack', seq: 42 } },
  ],
  mark: [
    {
      name: 'some',
      summary: 'These were read.',
      payload: { type: 'mark', ids: [eventId], status: 'read' },
    },
    {
      name: 'all',
      summary: 'Everything up to 42 was seen.',
      payload: { type: 'mark', upTo: 42, status: 'seen' },
    },
  ],
  pong: [{ name: 'pong', summary: 'The answer to a ping.', payload: { type: 'pong' } }],
  refresh: [
    {
      name: 'refresh',
      summary: 'A new ticket of the same person, before the old token ends.',
      payload: { type: 'refresh', ticket: 'mP4bY7cVx0HkTqLz8Jw2NsRf6GdUa1Ee' },
    },
  ],
  welcome: [
    {
      name: 'recovered',
      summary: 'What was missed follows.',
      payload: { type: 'welcome', epoch: 1, head: 42, counts, pingMs: 25_000, recovered: true },
    },
    {
      name: 'degraded',
      summary: 'The same while the processes can’t hear each other.',
      payload: {
        type: 'welcome',
        epoch: 1,
        head: 42,
        counts,
        pingMs: 25_000,
        recovered: true,
        degraded: true,
      },
    },
  ],
  event: [
    {
      name: 'alert',
      summary: 'Ana paid 12.50 EUR back.',
      payload: { type: 'event', ...repayment, weight: 'alert', status: 'unseen' },
    },
    {
      name: 'muted',
      summary: 'The same, where Ana is muted: it has its place and does not ring.',
      payload: { type: 'event', ...repayment, weight: 'silent', muted: true, status: 'read' },
    },
  ],
  replayed: [
    {
      name: 'replayed',
      summary: 'Everything above 41 up to 42 has been sent.',
      payload: { type: 'replayed', from: 41, to: 42 },
    },
  ],
  state: [
    {
      name: 'read',
      summary: 'Somewhere this one was read; the counts cover everything up to 42.',
      payload: { type: 'state', ids: [eventId], status: 'read', counts, head: 42 },
    },
  ],
  gap: [
    {
      name: 'gap',
      summary: 'Part of what was missed is gone: read what is shown by REST.',
      payload: { type: 'gap', earliest: 17, head: 42 },
    },
  ],
  ping: [
    { name: 'ping', summary: 'The feed stands at 42.', payload: { type: 'ping', head: 42 } },
    {
      name: 'degraded',
      summary: 'The same; until pings come without it, what is new may come only with them.',
      payload: { type: 'ping', head: 42, degraded: true },
    },
  ],
  error: [
    {
      name: 'mark_not_stored',
      summary: 'Try the mark again in a second.',
      payload: { type: 'error', code: 'mark_not_stored', temporary: true, retryAfterMs: 1_000 },
    },
  ],
  bye: [
    {
      name: 'drain',
      summary: 'This process is leaving: come back in 1.2 s.',
      payload: { type: 'bye', code: 4000, reconnect: true, afterMs: 1_200 },
    },
  ],
}

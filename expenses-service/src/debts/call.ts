/** What the debts' routes make of a call, and of an answer that was given before. */
import type { Call } from '../routing.ts'
import type { Incoming } from './request.ts'

/** The command that a call brings; `path` is part of what makes two requests the same. */
export const incomingOf = <B>(call: Call<B, unknown>, path: string): Incoming<B> => ({
  caller: call.caller,
  key: call.key,
  path,
  ifMatch: call.header('if-match'),
  body: call.body,
})

export const replayHeader = (replayed: boolean): Record<string, string> =>
  replayed ? { 'idempotency-replayed': 'true' } : {}

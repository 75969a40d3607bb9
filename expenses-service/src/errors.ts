/**
 * The one catalogue of refusals: code → HTTP status, gRPC status, sentence. Code throws
 * `ledgerError(code)`; only the edges turn it into a status.
 */
import { status as grpc } from '@grpc/grpc-js'
import { databaseFault, isConnectionLost } from '@quits/kit/postgres'
import type { Problem } from '@quits/kit/problem'

interface Entry {
  status: number
  grpc: grpc
  title: string
  retryAfterSeconds?: number
}

export const catalogue = {
  invalid_json: { status: 400, grpc: grpc.INVALID_ARGUMENT, title: 'The body is not JSON.' },
  idempotency_key_missing: {
    status: 400,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'This request needs an Idempotency-Key header.',
  },
  idempotency_key_invalid: {
    status: 400,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'An Idempotency-Key has 1 to 255 visible ASCII characters.',
  },
  unauthenticated: {
    status: 401,
    grpc: grpc.UNAUTHENTICATED,
    title: 'Sign in first: the access token is missing, wrong or expired.',
  },
  wrong_credentials: {
    status: 401,
    grpc: grpc.UNAUTHENTICATED,
    title: 'The e-mail address or the password is wrong.',
  },
  wrong_code: {
    status: 401,
    grpc: grpc.UNAUTHENTICATED,
    title: 'The code is wrong, used or expired.',
  },
  account_not_activated: {
    status: 403,
    grpc: grpc.PERMISSION_DENIED,
    title: 'Enter the code from the mail first.',
  },
  signup_closed: {
    status: 403,
    grpc: grpc.PERMISSION_DENIED,
    title: 'This Quits takes no new sign-ups.',
  },
  wrong_origin: {
    status: 403,
    grpc: grpc.PERMISSION_DENIED,
    title: 'This request came from another site.',
  },
  not_yours_to_answer: {
    status: 403,
    grpc: grpc.PERMISSION_DENIED,
    title: 'Somebody else is asked to answer this.',
  },
  not_found: { status: 404, grpc: grpc.NOT_FOUND, title: 'There is no such thing of yours.' },
  debt_not_open: {
    status: 409,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'The debt takes no entries in its present state.',
  },
  accept_first: {
    status: 409,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'Accept the debt first; until then it is not yours to change.',
  },
  seat_taken: {
    status: 409,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'The other side of this debt is taken, or the debt is over.',
  },
  already_answered: {
    status: 409,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'This was answered before.',
  },
  already_reversed: {
    status: 409,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'This was undone before.',
  },
  not_reversible: {
    status: 409,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'Only an advance, a repayment or a forgiveness that counts can be undone.',
  },
  version_conflict: {
    status: 412,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'It was changed since you read it.',
  },
  body_too_large: { status: 413, grpc: grpc.INVALID_ARGUMENT, title: 'The body is too large.' },
  unsupported_media_type: {
    status: 415,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'Send JSON in UTF-8, as application/json.',
  },
  invalid_request: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'Something in the request is not as it must be.',
  },
  unknown_field: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'The request has a field that is not known here.',
  },
  invalid_amount: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'An amount is a string of digits, from 1 to 10^15 minor units.',
  },
  unknown_currency: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'The currency is no ISO 4217 code in use.',
  },
  invalid_date: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'The date is not one that can be recorded.',
  },
  idempotency_key_reused: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'This Idempotency-Key was used for another request.',
  },
  currency_mismatch: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'The debt is in another currency.',
  },
  debt_with_yourself: {
    status: 422,
    grpc: grpc.INVALID_ARGUMENT,
    title: 'A debt needs somebody else.',
  },
  overpayment: {
    status: 422,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'That is more than is owed.',
  },
  balance_too_large: {
    status: 422,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'The debt would grow beyond 10^15 minor units.',
  },
  too_many_debts: {
    status: 422,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'You have as many debts as one person can.',
  },
  too_many_debts_between: {
    status: 422,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'Too many debts lie between you for one payment.',
  },
  too_many_pending: {
    status: 422,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'Too many entries of this debt wait for an answer.',
  },
  too_many_invitations: {
    status: 422,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'This debt has as many open invitations as it can; revoke one first.',
  },
  precondition_required: {
    status: 428,
    grpc: grpc.FAILED_PRECONDITION,
    title: 'This request needs an If-Match header.',
  },
  too_many_attempts: {
    status: 429,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'Too many attempts. Try again later.',
  },
  too_many_first_contacts: {
    status: 429,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'You wrote to as many new addresses as one person can in a day.',
  },
  too_many_mails: {
    status: 429,
    grpc: grpc.RESOURCE_EXHAUSTED,
    title: 'You mailed this address as often as one person can in a day.',
  },
  internal: { status: 500, grpc: grpc.INTERNAL, title: 'Something broke here. It was noted.' },
  busy: {
    status: 503,
    grpc: grpc.UNAVAILABLE,
    title: 'Too much is going on. Try again soon.',
    retryAfterSeconds: 1,
  },
  unavailable: {
    status: 503,
    grpc: grpc.UNAVAILABLE,
    title: 'The ledger cannot be reached. Try again soon.',
    retryAfterSeconds: 1,
  },
  deadline_exceeded: {
    status: 504,
    grpc: grpc.DEADLINE_EXCEEDED,
    title: 'The deadline passed before this was decided. Nothing was done.',
  },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof catalogue

/** Members that a problem document shows beside its code. */
export interface ErrorMembers {
  detail?: string
  retryAfterSeconds?: number
  members?: Record<string, unknown>
}

export class LedgerError extends Error {
  override name = 'LedgerError'
  readonly code: ErrorCode
  readonly shown: ErrorMembers
  constructor(code: ErrorCode, shown: ErrorMembers) {
    super(code)
    this.code = code
    this.shown = shown
  }
}

/** The one way to refuse: `throw ledgerError('overpayment', { members: { remaining } })`. */
export const ledgerError = (code: ErrorCode, shown: ErrorMembers = {}) =>
  new LedgerError(code, shown)

/** The problem document of a refusal. */
export const problemOf = (error: LedgerError): Problem => {
  const entry: Entry = catalogue[error.code]
  const retryAfterSeconds = error.shown.retryAfterSeconds ?? entry.retryAfterSeconds
  return {
    status: entry.status,
    code: error.code,
    title: entry.title,
    ...(error.shown.detail === undefined ? {} : { detail: error.shown.detail }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(error.shown.members === undefined ? {} : { members: error.shown.members }),
  }
}

// Serialization, deadlock, lock and statement time-outs; every class of "the server is not well".
const passing = /^(40001|40P01|55P03|57014|53...|25006)$/
// A text with U+0000, which Postgres holds nowhere: the caller's fault, wherever it came in.
const unstorableText = '22021'

/** Any thrown value as a refusal. A fault that will pass is 503, so that the caller tries again. */
export const asLedgerError = (error: unknown): LedgerError => {
  if (error instanceof LedgerError) return error
  const fault = databaseFault(error)
  if (fault !== undefined && passing.test(fault.sqlState)) return ledgerError('unavailable')
  if (fault?.sqlState === unstorableText) return ledgerError('invalid_request')
  const rolledBack = error instanceof Error && error.name === 'RolledBackError'
  return ledgerError(rolledBack || isConnectionLost(error) ? 'unavailable' : 'internal')
}

/** What a failed send means for the job and for those behind it. */

/**
 * `throttle`: too fast, try later and slow down. `transient`: try later. `permanent`: this mail will
 * never be taken, tried once. `paused`: the account or its configuration is at fault, not the
 * job; nothing else would be taken either, so sending pauses.
 */
export type FaultKind = 'throttle' | 'transient' | 'permanent' | 'paused'

export interface Fault {
  kind: FaultKind
  /** The error's name; safe in logs and headers. */
  name: string
}

const kindByName = new Map<string, FaultKind>([
  ['TooManyRequestsException', 'throttle'],
  ['ThrottlingException', 'throttle'],
  ['Throttling', 'throttle'],
  ['LimitExceededException', 'throttle'],
  ['MessageRejected', 'permanent'],
  ['BadRequestException', 'permanent'],
  ['ValidationException', 'permanent'],
  ['SendingPausedException', 'paused'],
  ['AccountSuspendedException', 'paused'],
  ['MailFromDomainNotVerifiedException', 'paused'],
  ['NotFoundException', 'paused'],
  ['CredentialsProviderError', 'paused'],
])

const kindByStatus = new Map<number, FaultKind>([
  [401, 'paused'],
  [403, 'paused'],
  [404, 'paused'],
  [408, 'transient'],
  [429, 'throttle'],
])

/** Judges by name, then by HTTP status, never by message. What says nothing may pass: transient. */
export const classifyFault = (error: unknown): Fault => {
  if (!(error instanceof Error)) return { kind: 'transient', name: 'unknown' }
  const kind = kindByName.get(error.name) ?? kindOfStatus(statusOf(error))
  return { kind, name: /^\w{1,80}$/.test(error.name) ? error.name : 'unknown' }
}

const kindOfStatus = (status: number | undefined): FaultKind => {
  if (status === undefined) return 'transient'
  return kindByStatus.get(status) ?? (status >= 400 && status < 500 ? 'permanent' : 'transient')
}

/** The SDK hangs the response's status on its errors as `$metadata.httpStatusCode`. */
const statusOf = (error: Error): number | undefined => {
  if (!('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null) return undefined
  if (!('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

/** Why a call did not do what was asked: a problem document (RFC 9457) or a silent network. */

export class ApiProblem extends Error {
  /** 0 when no answer came. */
  readonly status: number
  /** Stable; `unreachable` when no answer came. */
  readonly code: string
  /** Further members of the document, such as `remaining`. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, members: Readonly<Record<string, unknown>> = {}) {
    super(code)
    this.name = 'ApiProblem'
    this.status = status
    this.code = code
    this.members = members
  }
}

/** The code of any thrown thing; what is no problem document is a fault of ours. */
export const codeOf = (error: unknown): string =>
  error instanceof ApiProblem ? error.code : 'internal'

/** Limits that last for minutes or a day: asking again at once helps nobody. */
const lasting: ReadonlySet<string> = new Set([
  'too_many_first_contacts',
  'too_many_mails',
  'too_many_attempts',
])

/** True when asking again may help: no answer, overload, or a limit that passes. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiProblem &&
  !lasting.has(error.code) &&
  (error.status === 0 || error.status === 429 || error.status >= 502)

/** Reads the refusal of a response; an answer without a document keeps its status. */
export const problemOf = async (response: Response): Promise<ApiProblem> => {
  const body: unknown = await response.json().catch(() => ({}))
  const members = typeof body === 'object' && body !== null ? { ...body } : {}
  const code = 'code' in members && typeof members.code === 'string' ? members.code : 'internal'
  return new ApiProblem(response.status, code, members)
}

/** One HTTP call to the front door: bearer token, one retry after a 401, problems as errors. */
import { ApiProblem, problemOf } from './problem.ts'
import type { Session } from './session.ts'

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  /** Idempotency-Key: the same for every try of one user act. */
  key?: string
  /** The version that the change was made from; another one is refused with 412. */
  ifMatch?: string
  /** Sign-up and sign-in need no session. */
  open?: boolean
  signal?: AbortSignal
}

export interface Client {
  call: <T>(path: string, call?: Call) => Promise<T>
  /** The answer as a file. */
  file: (path: string) => Promise<Blob>
}

export const makeClient = (dependencies: {
  fetch: typeof globalThis.fetch
  session: Session
}): Client => {
  const { fetch, session } = dependencies

  const send = async (path: string, call: Call, token: string | undefined): Promise<Response> => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (call.key !== undefined) headers['idempotency-key'] = call.key
    if (call.ifMatch !== undefined) headers['if-match'] = call.ifMatch
    if (call.body !== undefined) headers['content-type'] = 'application/json'
    try {
      return await fetch(path, {
        method: call.method ?? 'GET',
        headers,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      })
    } catch (error) {
      if (call.signal?.aborted === true) throw error
      throw new ApiProblem(0, 'unreachable')
    }
  }

  const answerOf = async (path: string, call: Call): Promise<Response> => {
    const token = call.open === true ? undefined : await session.token()
    let response = await send(path, call, token)
    if (response.status === 401 && token !== undefined) {
      response = await send(path, call, await session.token({ fresh: true }))
      if (response.status === 401) session.close()
    }
    if (!response.ok) throw await problemOf(response)
    return response
  }

  return {
    async call<T>(path: string, call: Call = {}): Promise<T> {
      const response = await answerOf(path, call)
      if (response.status === 204) return undefined as T
      const text = await response.text()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    file: async (path) => (await answerOf(path, {})).blob(),
  }
}

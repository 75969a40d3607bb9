// One HTTP request that says exactly how it ended: the status, or the error code of the socket.
import { Agent, request } from 'node:http'

export interface Asking {
  method: string
  path: string
  token?: string | undefined
  headers?: Record<string, string | string[]>
  body?: string | undefined
}

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** An answer, or the reason why there was none: the code of the socket's error. */
export type Ending = { reply: Reply } | { broken: string }

export type Call = (asking: Asking) => Promise<Ending>

const timeoutMs = 15_000

/** Calls to one origin over kept connections. `hung` is the code of a call without an end. */
export function makeCall(port: number, connectionsMax = 64): { call: Call; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })
  const call: Call = ({ method, path, token, headers, body }) =>
    new Promise((resolve) => {
      const sent = request({
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      })
      const broken = (code: string) => resolve({ broken: code })
      const timer = setTimeout(() => {
        broken('hung')
        sent.destroy()
      }, timeoutMs)
      sent.once('close', () => clearTimeout(timer))
      sent.once('error', (error: NodeJS.ErrnoException) => broken(error.code ?? error.message))
      sent.once('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', (error: NodeJS.ErrnoException) =>
          broken(error.code ?? error.message),
        )
        response.once('end', () => {
          if (!response.complete) return broken('ECONNRESET')
          const text = Buffer.concat(chunks).toString()
          resolve({ reply: { status: response.statusCode ?? 0, headers: response.headers, text } })
        })
      })
      sent.end(body)
    })
  return { call, close: () => agent.destroy() }
}

// One POST over an agent's connections, as cheap as Node has it: the bench shares the machine.
import { type Agent, request } from 'node:http'

const unavailable = 503

/** What a 201 said, parsed; undefined when there was no room and the service asks to come back. */
export function ask<T>(
  url: string,
  by: { agent: Agent; token: string; headers?: Record<string, string>; body?: string },
): Promise<T | undefined> {
  const { agent, token, body = '' } = by
  const headers = {
    authorization: `Bearer ${token}`,
    'content-length': Buffer.byteLength(body),
    ...by.headers,
  }
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers })
    asked.on('error', reject).on('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => {
        if (answer.statusCode === unavailable) return resolve(undefined)
        if (answer.statusCode !== 201) return reject(new Error(`no 201 from ${url}: ${text}`))
        resolve(JSON.parse(text) as T)
      })
    })
    asked.end(body)
  })
}

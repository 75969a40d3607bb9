/** What makes two requests the same request: method, path and parsed body. */
import { hash } from 'node:crypto'

/** SHA-256 over method, path and the body with its keys in order. */
export const hashRequest = (method: string, path: string, body: unknown): Buffer =>
  hash('sha256', `${method}\n${path}\n${JSON.stringify(body, inOrder)}`, 'buffer')

const inOrder = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

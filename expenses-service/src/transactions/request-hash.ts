/** What makes two requests the same request: method, path and parsed body. */
import { createHash } from 'node:crypto'

/** SHA-256 over method, path and the body with its keys in order. */
export const hashRequest = (method: string, path: string, body: unknown): Buffer =>
  createHash('sha256')
    .update(`${method}\n${path}\n${JSON.stringify(body, inOrder)}`)
    .digest()

const inOrder = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** What makes two requests the same request: method, path and parsed body. */
import { hash } from 'node:crypto'

/** SHA-256 over method, path and the body with its keys in order. */
export const hashRequest = (method: string, path: string, body: unknown): Buffer =>
  hash('sha256', `${method}\n${path}\n${inOrder(body)}`, 'buffer')

/** JSON without spaces, each object's keys in order; a key without a value is left out. */
const inOrder = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inOrder).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${inOrder(member)}`).join()}}`
}

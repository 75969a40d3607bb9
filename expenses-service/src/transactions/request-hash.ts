/** What makes two requests the same request: method, path and parsed body. */
import { hash } from 'node:crypto'

/** SHA-256, in hex, over method, path and the body with its keys in order. */
export const hashRequest = (method: string, path: string, body: unknown): string =>
  hash('sha256', `${method}\n${path}\n${inOrder(body)}`, 'hex')

/** JSON without spaces, each object's keys in order; a key without a value is left out. */
const inOrder = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inOrder).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  let members = ''
  for (const key of Object.keys(value).sort()) {
    const member: unknown = value[key as keyof typeof value]
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${inOrder(member)}`
  }
  return `{${members}}`
}

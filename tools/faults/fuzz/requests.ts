// Requests made from an OpenAPI document: right, nearly right, and wrong in every part.
import * as fc from 'fast-check'
import type { Asking } from '../http-call.ts'
import { type Schema, valueOf } from './from-schema.ts'

export interface Operation {
  method: string
  path: string
  parameters: { name: string; in: string; schema?: Schema }[]
  body: Schema | undefined
  /** Status → schema of the answer, as documented; undefined for one without JSON. */
  answers: Record<string, Schema | undefined>
}

interface Document {
  paths: Record<string, Record<string, Described>>
}
interface Described {
  parameters?: Operation['parameters']
  requestBody?: { content: Record<string, { schema?: Schema }> }
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>
}

const json = 'application/json'

/** The operations of the ledger: those of sign-in have their own proofs, and their own limits. */
export function operationsOf(document: unknown): Operation[] {
  const { paths } = document as Document
  return Object.entries(paths)
    .filter(([path]) => !/^\/v1\/(auth|users)\b/.test(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        method: method.toUpperCase(),
        path,
        parameters: described.parameters ?? [],
        body: described.requestBody?.content[json]?.schema,
        answers: Object.fromEntries(
          Object.entries(described.responses).map(([status, { content }]) => [
            status,
            content?.[json]?.schema,
          ]),
        ),
      })),
    )
}

/** What is really there, so that some requests get past the first check. */
export interface Known {
  ids: string[]
  tokens: string[]
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('..', '%00', '%', '%zz', 'null', '0', '-1', '1', '2', '9'.repeat(40)),
)
const visible = 'abcXYZ019-_ "*,;=/'.split('')
const header = fc
  .string({ unit: fc.constantFrom(...visible), maxLength: 40 })
  .map((text) => text.trim())

const pathOf = (operation: Operation, known: Known): fc.Arbitrary<string> => {
  const parts = operation.path
    .split('/')
    .map((part) =>
      part.startsWith('{')
        ? fc.oneof(
            { weight: 5, arbitrary: fc.constantFrom(...known.ids) },
            { weight: 3, arbitrary: fc.constantFrom('1', '2', '3', '4') },
            { weight: 1, arbitrary: fc.uuid() },
            { weight: 1, arbitrary: anyText.map((text) => encoded(text) || '0') },
          )
        : fc.constant(part),
    )
  return fc.tuple(...parts).map((parts) => parts.join('/'))
}

// A lone surrogate has no encoding; a percent sign may be left as it is, which is no encoding either.
const encoded = (text: string) =>
  text.startsWith('%') ? text.replaceAll(/[^%\w]/g, '') : encodeURIComponent(text.toWellFormed())

const queryOf = ({ parameters }: Operation): fc.Arbitrary<string> => {
  const named = parameters.filter((one) => one.in === 'query')
  const pairs = named.map(({ name, schema = {} }) =>
    fc.tuple(
      fc.constantFrom(name, name, name, `${name}[]`, `${name}[a]`),
      fc.oneof(valueOf(schema), anyText),
    ),
  )
  const stray = fc.tuple(fc.constantFrom('x', '__proto__', 'limit', 'cursor'), anyText)
  return fc
    .array(fc.oneof(stray, ...pairs), { maxLength: 4 })
    .map((pairs) => pairs.map(([name, value]) => `${encoded(name)}=${encoded(textual(value))}`))
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`))
}

const textual = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

const bodyOf = ({ body }: Operation): fc.Arbitrary<string | undefined> => {
  if (body === undefined) return fc.option(anyText, { nil: undefined, freq: 8 })
  return fc.oneof(
    { weight: 12, arbitrary: valueOf(body).map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: anyText },
    { weight: 1, arbitrary: fc.constant('['.repeat(5_000)) },
    { weight: 1, arbitrary: fc.constant(`{"note":"${'x'.repeat(20_000)}"}`) },
    { weight: 1, arbitrary: fc.constant('{"__proto__":{"role":"lender"}}') },
  )
}

const headersOf: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    'idempotency-key': fc.oneof({ weight: 8, arbitrary: fc.uuid() }, header),
    'if-match': fc.oneof(fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '""'), header),
    'x-forwarded-for': header,
    'content-type': fc.oneof(
      { weight: 20, arbitrary: fc.constant(json) },
      fc.constantFrom('text/plain', 'application/json; charset=utf-16', ''),
    ),
  },
  { requiredKeys: ['idempotency-key'] },
)

/** One request to the operation. */
export const requestTo = (operation: Operation, known: Known): fc.Arbitrary<Asking> =>
  fc
    .record({
      path: pathOf(operation, known),
      query: queryOf(operation),
      headers: headersOf,
      body: bodyOf(operation),
      token: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(...known.tokens) },
        fc.constantFrom(undefined, 'junk', 'a.b.c'),
      ),
    })
    .map(({ path, query, headers, body, token }) => ({
      method: operation.method,
      path: path + query,
      headers,
      token,
      body,
    }))

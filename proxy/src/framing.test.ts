import { expect, test } from 'vitest'
import { framingFault } from './framing.ts'

const max = 100
const faultOf = (method: string, ...pairs: [string, string][]) =>
  framingFault(
    {
      method,
      headers: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
      rawHeaders: pairs.flat(),
    },
    max,
  )?.status

test('ordinary requests pass', () => {
  expect(faultOf('GET')).toBeUndefined()
  expect(faultOf('GET', ['Content-Length', '0'])).toBeUndefined()
  expect(faultOf('POST')).toBeUndefined()
  expect(faultOf('POST', ['Content-Length', '100'])).toBeUndefined()
  expect(faultOf('PATCH', ['Transfer-Encoding', 'Chunked'])).toBeUndefined()
})

test('a body above the bound is refused by its stated length', () => {
  expect(faultOf('POST', ['Content-Length', '101'])).toBe(413)
})

test.each<[string, string, ...[string, string][]]>([
  ['two lengths', 'POST', ['Content-Length', '5'], ['Transfer-Encoding', 'chunked']],
  ['a coding besides chunked', 'POST', ['Transfer-Encoding', 'gzip, chunked']],
  ['a coding that is not chunked', 'POST', ['Transfer-Encoding', 'xchunked']],
  ['a signed length', 'POST', ['Content-Length', '+5']],
  ['a list of lengths', 'POST', ['Content-Length', '5, 5']],
  ['two hosts', 'GET', ['Host', 'a'], ['host', 'b']],
  ['two authorizations', 'GET', ['Authorization', 'a'], ['AUTHORIZATION', 'b']],
  ['a body on GET', 'GET', ['Content-Length', '5']],
  ['a body on DELETE', 'DELETE', ['Transfer-Encoding', 'chunked']],
  ['a body on OPTIONS', 'OPTIONS', ['Content-Length', '1']],
])('%s is refused', (_name, method, ...pairs) => {
  expect(faultOf(method, ...pairs)).toBe(400)
})

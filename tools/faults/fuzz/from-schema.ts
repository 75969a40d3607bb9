// Values that a JSON schema allows, and values that only look as if it did.
import * as fc from 'fast-check'

export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
}

const depthMax = 8
const nastyWeight = 1
const goodWeight = 7

/** What people, programs and attackers send in the place of a value. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    '0x10',
    '1.5',
    '١٢',
    '１２',
    'NaN',
    '9'.repeat(400),
    'null',
    '__proto__',
    '\u0000',
    '\u202e',
    '\ud800',
    '😀'.repeat(200),
    "'; DROP TABLE books; --",
    '../../etc/passwd',
    0,
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    true,
    null,
    [],
    {},
    [[[[[]]]]],
    { $gt: '' },
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.anything({ maxDepth: 2 }),
)

/** Mostly what the schema says, at every place now and then something else. */
export function valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const good = depth > depthMax ? fc.constant(null) : goodOf(schema, depth)
  return fc.oneof(
    { weight: goodWeight, arbitrary: good },
    { weight: nastyWeight, arbitrary: nasty },
  )
}

function goodOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((one) => valueOf(one, depth + 1)))
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type) => goodOf({ ...schema, type }, depth)))
  }
  switch (schema.type) {
    case 'object':
      return objectOf(schema, depth)
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, depth + 1), { maxLength: 4 })
    case 'string':
      return textOf(schema)
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 1_000, 2e9) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case undefined:
    default:
      return nasty
  }
}

function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema
  const fields = Object.entries(properties).map(([name, one]) => [name, valueOf(one, depth + 1)])
  const known = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: required.filter((name) => name in properties),
  })
  const withMore = fc
    .tuple(known, fc.string({ maxLength: 8 }), nasty)
    .map(([fields, name, value]) => ({ ...fields, [name]: value }))
  return fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: withMore })
}

function textOf({ pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  const plain = fc.string({
    minLength: Math.min(minLength, 60),
    maxLength: Math.min(maxLength, 60),
  })
  if (pattern === undefined || pattern.includes('\\p{')) return plain
  try {
    return fc.stringMatching(new RegExp(pattern))
  } catch {
    return plain
  }
}

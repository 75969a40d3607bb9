import { clientFrame, closeCodes, serverFrame } from '@quits/proto/feed'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { makeDocument } from './document.ts'
import { examples } from './examples.ts'

const frame = z.union([clientFrame, serverFrame])
const document = makeDocument()

test('the committed document is the one that the schemas make', async () => {
  const text = `${JSON.stringify(document, null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../../docs/asyncapi.json')
})

test('every frame of the protocol is documented, with an example', () => {
  const types = [...clientFrame.options, ...serverFrame.options].map(
    ({ shape }) => shape.type.value,
  )
  expect(Object.keys(document.components.messages).toSorted()).toEqual(types.toSorted())
  expect(Object.keys(examples).toSorted()).toEqual(types.toSorted())
})

const told = Object.entries(examples).flatMap(([type, some]) =>
  some.map(({ name, payload }) => [type, name, payload] as const),
)

test.each(told)('the example of %s: %s is such a frame, to the last member', (type, _, payload) => {
  expect(payload.type).toBe(type)
  // Equal afterwards: a member that no schema knows would be gone.
  expect(frame.parse(payload)).toEqual(payload)
})

test.each(told)(
  'broken twin: %s: %s without any one of its members is refused or another',
  (_, __, payload) => {
    const { type: _type, ...rest } = payload
    expect(frame.safeParse(rest).success).toBe(false)
    expect(frame.safeParse({ ...payload, type: 'confetti' }).success).toBe(false)
  },
)

/** The schema as the document has it, which is not the one that it was made from. */
const documented = (type: string) => {
  const message = document.components.messages[type]
  if (message === undefined) throw new Error(`${type} is not documented`)
  return z.fromJSONSchema(message.payload)
}

test.each(told)('the documented schema of %s takes its example: %s', (type, _, payload) => {
  expect(documented(type).safeParse(payload).error).toBeUndefined()
})

test.each(told)(
  'broken twin: the documented schema of %s refuses another type: %s',
  (type, _, payload) => {
    expect(documented(type).safeParse({ ...payload, type: 'confetti' }).success).toBe(false)
  },
)

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)]
  const lost = references
    .map(([, path = '']) => path)
    .filter((path) => {
      let at: unknown = document
      for (const step of path.split('/')) {
        at = typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined
      }
      return at === undefined
    })
  expect(references.length).toBeGreaterThan(20)
  expect(lost).toEqual([])
})

test('every close code is told, and whether to come back', () => {
  const told = document.channels.feed['x-close-codes']
  expect(told.map(({ code }) => code)).toEqual(Object.values(closeCodes))
  expect(told.every(({ meaning, reconnect }) => meaning.includes('final') !== reconnect)).toBe(true)
})

/** CloudEvents 1.0 in JSON, the envelope of everything on Kafka. */
import { z } from 'zod'

/** The envelope around `data`. Unknown attributes are dropped, as the specification allows. */
export const cloudEvent = <D extends z.ZodType>(data: D) =>
  z.object({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.string().min(1),
    subject: z.string().optional(),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    data,
  })

/** Kafka topic names; the prefix lets several environments share a broker. */
export const topicNames = (prefix: string) => ({
  books: `${prefix}.books`,
  users: `${prefix}.users`,
  deadOf: (topic: string) => `${topic}.dead`,
})

/**
 * What reading a record gave: the event, or why it can never be read (a dead letter): in one line,
 * and every fault with its path.
 */
export type Parsed<E> = { event: E } | { poison: string; faults: string[] }

/**
 * Reads one record. JSON that is broken, a type this build does not know (an unknown major
 * version) or data of the wrong shape is poison, never an exception.
 */
export const parseEvent = <E>(text: string, schema: z.ZodType<E>): Parsed<E> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { poison: 'not JSON', faults: [] }
  }
  const result = schema.safeParse(json)
  if (result.success) return { event: result.data }
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return { poison: faults[0] ?? 'wrong shape', faults }
}

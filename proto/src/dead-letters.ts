/**
 * Records of `<topic>.dead`: what could never be read, with everything that is needed to understand
 * it, to mend it and to send it again. The record's key is `<topic>/<partition>/<offset>`; the same
 * letter may come twice, and the last one under a key counts.
 */
import { z } from 'zod'

export const deadLetter = z.object({
  /** In one line, for a list. */
  reason: z.string(),
  /** Each fault with its path, or the stack of the exception. */
  stack: z.string().default(''),
  topic: z.string(),
  partition: z.int(),
  offset: z.string(),
  /** When the broker got the record. */
  at: z.iso.datetime(),
  key: z.string(),
  value: z.string(),
  /** How long both were, in UTF-16 units, when one of them had to be cut: no way back from here. */
  cut: z.object({ keyLength: z.int(), valueLength: z.int() }).optional(),
})
export type DeadLetter = z.infer<typeof deadLetter>

/** Follows a letter under its key once that was sent to its topic again. */
export const replayNote = z.object({ replayedAt: z.iso.datetime() })

/** The name of the record that died. */
export const deadLetterKey = (record: { topic: string; partition: number; offset: string }) =>
  `${record.topic}/${record.partition}/${record.offset}`

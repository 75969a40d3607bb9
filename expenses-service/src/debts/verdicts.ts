/** The three answers to a debt or an entry, with the verb of each and the body it takes. */
import type { z } from 'zod'
import type { Verdict } from './rules.ts'
import { type DeclineBody, declineBody, plainAnswerBody } from './shapes.ts'

export const verdicts = [
  { kind: 'accepted', verb: 'accept', body: plainAnswerBody },
  { kind: 'declined', verb: 'decline', body: declineBody },
  { kind: 'withdrawn', verb: 'withdraw', body: plainAnswerBody },
] as const satisfies { kind: Verdict; verb: string; body: z.ZodType<DeclineBody> }[]

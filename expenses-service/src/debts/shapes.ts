/** What goes into the debts' routes and what comes out. */
import { money } from '@quits/proto/money'
import { z } from 'zod'
import { enteredAmount } from '../amount.ts'
import { limits } from '../limits.ts'

// Control and line characters forge lines, bidirectional overrides forge names.
const readable = /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+$/u
export const words = (lengthMax: number) =>
  z.string().normalize('NFC').trim().min(1).max(lengthMax).regex(readable, 'must be plain text')

const { nameLengthMax, noteLengthMax, earliestOn } = limits
export const description = words(limits.descriptionLengthMax)
export const category = words(limits.categoryLengthMax)

export const civilDate = z.iso
  .date()
  .refine((date) => date >= earliestOn, `must be ${earliestOn} or later`)

const role = z.enum(['lender', 'borrower'])
const pageQuery = {
  limit: z.coerce.number().int().min(1).max(limits.pageSizeMax).default(limits.pageSize),
  cursor: z.string().min(1).max(200).optional(),
}

export const openBody = z.strictObject({
  role,
  counterparty: z.union(
    [
      z.strictObject({
        email: z.email().max(254),
        name: words(nameLengthMax).optional(),
      }),
      z.strictObject({ name: words(nameLengthMax) }),
      z.strictObject({ userId: z.uuid() }),
    ],
    { error: 'must have an e-mail address, a name or a user id' },
  ),
  opening: enteredAmount,
  description,
  category: category.optional(),
  occurredOn: civilDate.optional(),
  dueOn: civilDate.optional(),
})
export type OpenBody = z.infer<typeof openBody>

export const entryBody = z.strictObject({
  kind: z.enum(['advance', 'repayment', 'forgiveness']),
  amount: enteredAmount,
  occurredOn: civilDate.optional(),
  note: words(noteLengthMax).optional(),
  /** What is paid back beyond the balance: is refused, or opens a debt the other way. */
  surplus: z.enum(['refuse', 'debt']).optional(),
})
export type EntryBody = z.infer<typeof entryBody>

export const reverseBody = z.strictObject({ reason: words(noteLengthMax).optional() })
export type ReverseBody = z.infer<typeof reverseBody>

export const amendBody = z.strictObject({
  amount: enteredAmount,
  occurredOn: civilDate.optional(),
  note: words(noteLengthMax).optional(),
  reason: words(noteLengthMax).optional(),
})
export type AmendBody = z.infer<typeof amendBody>

export const paymentBody = z.strictObject({
  /** Who pays. */
  from: z.enum(['me', 'them']),
  amount: enteredAmount,
  occurredOn: civilDate.optional(),
  note: words(noteLengthMax).optional(),
})
export type PaymentBody = z.infer<typeof paymentBody>

export const consentBody = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('ask') }),
  z.strictObject({ mode: z.literal('upTo'), amount: enteredAmount }),
  z.strictObject({ mode: z.literal('always') }),
])
export type ConsentBody = z.infer<typeof consentBody>
export type ConsentView = ConsentBody
export const blockBody = z.strictObject({ blocked: z.boolean() })
export type BlockBody = z.infer<typeof blockBody>

export const plainAnswerBody = z.strictObject({})
export const declineBody = z.strictObject({
  reason: words(noteLengthMax).optional(),
  /** What the amount should be. */
  amount: enteredAmount.optional(),
})
export type DeclineBody = z.infer<typeof declineBody>

const debtsFilter = {
  role: role.optional(),
  status: z.enum(['proposed', 'open', 'settled', 'declined', 'withdrawn']).optional(),
  person: z.uuid().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
    .optional(),
  category: category.optional(),
  /** In the description or the other one's name. */
  q: z.string().min(1).max(100).optional(),
  /** Debts put away for oneself are left out unless asked for. */
  archived: z.enum(['false', 'true', 'any']).default('false'),
  /** Civil dates of the opening, both included. */
  from: civilDate.optional(),
  to: civilDate.optional(),
  /** Only debts in which something waits for the reader's word, the debt itself or an entry of it. */
  waiting: z.literal('me').optional(),
}
export const debtsQuery = z.strictObject({ ...pageQuery, ...debtsFilter })
export type DebtsQuery = z.infer<typeof debtsQuery>
export type DebtsFilter = Omit<DebtsQuery, 'limit' | 'cursor'>
export const entriesQuery = z.strictObject(pageQuery)
export type EntriesQuery = z.infer<typeof entriesQuery>
/** `waiting`: only what waits for the reader's word. */
export const debtEntriesQuery = entriesQuery.extend({ waiting: z.literal('me').optional() })
export type DebtEntriesQuery = z.infer<typeof debtEntriesQuery>
export const peopleQuery = z.strictObject(pageQuery)
export type PeopleQuery = z.infer<typeof peopleQuery>

const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() })

const digits = z.string().regex(/^\d+$/)
const total = z.strictObject({ currency: z.string(), owed: digits, owing: digits })
const pendingTotal = total.extend({ pendingIn: digits, pendingOut: digits })

export const debtAnswer = z.strictObject({
  id: z.uuid(),
  role,
  counterparty: z.strictObject({ name: z.string(), userId: z.uuid().optional() }),
  status: z.enum(['proposed', 'open', 'settled', 'declined', 'withdrawn']),
  oneSided: z.boolean(),
  archived: z.boolean(),
  balance: money,
  pending: z.strictObject({ in: money, out: money }),
  category: z.string().nullable(),
  description: z.string(),
  dueOn: z.iso.date().nullable(),
  createdAt: z.iso.datetime(),
  version: z.int(),
})
export type DebtView = z.infer<typeof debtAnswer>

export const entryAnswer = z.strictObject({
  debtId: z.uuid(),
  seq: z.int(),
  kind: z.string(),
  status: z.enum(['posted', 'pending', 'declined', 'withdrawn', 'reversed']),
  amount: money,
  balance: money,
  enteredBy: z.uuid().nullable(),
  occurredOn: z.iso.date(),
  note: z.string().optional(),
  reason: z.string().optional(),
  suggested: money.optional(),
  resolves: z.int().optional(),
  reverses: z.int().optional(),
  bundle: z.uuid().optional(),
  hash: z.string(),
  at: z.iso.datetime(),
  /** Read one by one or in a list: of an entry that waits, what an answer to it answers. */
  together: z.strictObject({ debts: z.int(), entries: z.int(), amount: money }).optional(),
})

export const paymentAnswer = z.strictObject({
  bundle: z.uuid(),
  status: z.enum(['posted', 'pending']),
  transactions: z.array(entryAnswer),
})

export const debtsAnswer = pageOf(debtAnswer).extend({ totals: z.array(total) })
export const entriesAnswer = pageOf(entryAnswer)
/** Entries of several debts, each with the debt as its reader knows it. */
export const tabAnswer = pageOf(entryAnswer.extend({ role, description: z.string() }))
export const summaryAnswer = z.strictObject({
  currencies: z.array(pendingTotal),
})
export const personAnswer = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  /** By the reader. */
  blocked: z.boolean(),
  /** `net` is what is owed less what is owing: below zero, the reader owes. */
  balances: z.array(pendingTotal.extend({ net: z.string().regex(/^-?\d+$/) })),
})
export type PersonView = z.infer<typeof personAnswer>
/** With what the reader allows them. */
export const personDetailAnswer = personAnswer.extend({
  consent: consentBody,
  /** The reader said yes to them twice, or gave consent beforehand: worth offering on a screen. */
  consentOffered: z.boolean(),
})
export type PersonDetailView = z.infer<typeof personDetailAnswer>
export const peopleAnswer = pageOf(personAnswer)

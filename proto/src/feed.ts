/**
 * The live feed, WebSocket subprotocol `quits.feed.v1`. A frame is one JSON object with a `type`.
 * Guarantee: per-user order, at least once on the wire, once on the screen (drop `seq` ≤ last).
 *
 * Counts are exact as of a seq: in `welcome` and `state` they cover everything up to `head`. An
 * event above that head adds one to both unless its weight is `silent`.
 */
import { z } from 'zod'
import { money } from './money.ts'

export const feedProtocol = 'quits.feed.v1'

/** A place in one user's feed. Another epoch means the feed was rebuilt: reload. */
export const cursor = z.object({ epoch: z.int().positive(), seq: z.int().nonnegative() })
export type Cursor = z.infer<typeof cursor>

const statuses = ['unseen', 'seen', 'read', 'archived'] as const
export const markStatus = z.enum(['seen', 'read', 'archived'])
export type MarkStatus = z.infer<typeof markStatus>
/** `unseen`: status unseen. `unread`: unseen or seen. Silent notifications are stored as read. */
const counts = z.object({ unseen: z.int().nonnegative(), unread: z.int().nonnegative() })
export type Counts = z.infer<typeof counts>

/** What a notification says: ids and amounts. Words and names are fetched by the reader. */
const notificationData = z.object({
  seq: z.int().positive().optional(),
  kind: z.string().optional(),
  status: z.enum(['posted', 'pending']).optional(),
  amount: money.optional(),
  balance: money,
  occurredOn: z.string().optional(),
  resolves: z.int().optional(),
  reverses: z.int().optional(),
  bundle: z.string().optional(),
  /** The entry that this one was written in place of. */
  replaces: z.int().optional(),
  effect: z.enum(['opened', 'closed', 'reopened']).optional(),
  /** The reader's own role in the debt. */
  role: z.enum(['lender', 'borrower']),
})

export const notification = z.object({
  seq: z.int().positive(),
  id: z.string(),
  /** The event's type without its version: `debt.proposed`, `transaction.posted`. */
  kind: z.string(),
  weight: z.enum(['alert', 'quiet', 'silent']),
  at: z.iso.datetime(),
  /** User id of who acted; null while that person has not accepted the debt yet. */
  actor: z.string().nullable(),
  subject: z.object({ type: z.literal('debt'), id: z.string() }),
  data: notificationData,
  /** The reader had muted it when it came: its weight is `silent`, whatever it would have been. */
  muted: z.literal(true).optional(),
})
export type Notification = z.infer<typeof notification>

/** A notification as a page of `GET /v1/notifications` shows it. */
export const storedNotification = notification.extend({ status: z.enum(statuses) })
export type StoredNotification = z.infer<typeof storedNotification>

/** Several notifications of a page that say the same kind of thing about the same subject. */
export const notificationGroup = z.object({
  /** How many there are; each is named in `ids`, newest first. */
  count: z.int().positive(),
  ids: z.array(z.string()).min(1),
  newest: storedNotification,
  /** The lowest status among them: a line is unread while one of its notifications is. */
  status: z.enum(statuses),
  /** They were one act: an entry put right, or a payment over several debts. */
  together: z.enum(['correction', 'payment']).optional(),
})
export type NotificationGroup = z.infer<typeof notificationGroup>

/** Whom or what a person does not want to be rung for. */
export const mute = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('person'), id: z.uuid() }),
  z.strictObject({ type: z.literal('debt'), id: z.uuid() }),
  /** A notification's `kind`; one that is not known yet may be muted, too. */
  z.strictObject({
    type: z.literal('kind'),
    id: z
      .string()
      .regex(/^[a-z]+\.[a-z_]+$/)
      .max(64),
  }),
])
export type Mute = z.infer<typeof mute>

const mutesMax = 200
/** Muting marks what comes from then on; nothing is dropped, and no seq is left out. */
export const preferences = z.strictObject({ mutes: z.array(mute).max(mutesMax) })
export type Preferences = z.infer<typeof preferences>

/** So many ids of ledger events fit into the 4 KiB that a client's frame may have. */
const markIdsMax = 80

export const clientFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('connect'),
    ticket: z.string().min(1).max(128),
    device: z.string().min(1).max(64),
    since: cursor.optional(),
  }),
  z.object({ type: z.literal('ack'), seq: z.int().nonnegative() }),
  /** Names notifications by exactly one of `ids` and `upTo`; a status never moves backwards. */
  z
    .object({
      type: z.literal('mark'),
      ids: z.array(z.string().min(1).max(128)).min(1).max(markIdsMax).optional(),
      upTo: z.int().nonnegative().optional(),
      status: markStatus,
    })
    .refine((mark) => (mark.ids === undefined) !== (mark.upTo === undefined), 'ids or upTo')
    .meta({
      oneOf: [
        { type: 'object', properties: { ids: { type: 'array' } }, required: ['ids'] },
        { type: 'object', properties: { upTo: { type: 'integer' } }, required: ['upTo'] },
      ],
    }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('refresh'), ticket: z.string().min(1).max(128) }),
])
export type ClientFrame = z.infer<typeof clientFrame>

/** Told to every socket of a person whose notifications were marked somewhere. */
export const stateFrame = z.object({
  type: z.literal('state'),
  upTo: z.int().optional(),
  ids: z.array(z.string()).optional(),
  status: markStatus,
  counts,
  /** The counts cover everything up to this seq. */
  head: z.int(),
})
export type StateFrame = z.infer<typeof stateFrame>

/** Word between the processes is lost: what is new may come no sooner than with the next ping. */
const degraded = z.literal(true).optional()

export const serverFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    epoch: z.int(),
    head: z.int(),
    counts,
    pingMs: z.int(),
    recovered: z.boolean(),
    degraded,
  }),
  /** `status` as it is stored: what was missed may have been seen on another device. */
  notification.extend({ type: z.literal('event'), status: z.enum(statuses).optional() }),
  z.object({ type: z.literal('replayed'), from: z.int(), to: z.int() }),
  stateFrame,
  /** Live events go on above `head`. */
  z.object({ type: z.literal('gap'), earliest: z.int(), head: z.int() }),
  z.object({ type: z.literal('ping'), head: z.int(), degraded }),
  z.object({
    type: z.literal('error'),
    code: z.string(),
    temporary: z.boolean(),
    retryAfterMs: z.int(),
  }),
  z.object({
    type: z.literal('bye'),
    code: z.int(),
    reconnect: z.boolean(),
    afterMs: z.int(),
  }),
])
export type ServerFrame = z.infer<typeof serverFrame>

/** Close codes: 40xx come back, 45xx do not (the convention of Centrifugo). */
export const closeCodes = {
  drain: 4000,
  slow: 4001,
  noPong: 4002,
  resume: 4003,
  expired: 4004,
  tooFast: 4029,
  badFrame: 4500,
  unauthenticated: 4501,
  noConnect: 4502,
  origin: 4503,
  tooManySockets: 4504,
  version: 4505,
} as const

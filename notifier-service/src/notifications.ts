/**
 * An event of a book as each of its people sees it: the rules that turn one fact into
 * notifications. Pure; who may learn what is decided here and nowhere else.
 */
import type { BookEvent, BookEventData, BookEventType } from '@quits/proto/books'
import type { Notification, StoredNotification } from '@quits/proto/feed'

/** A notification that has no place in its reader's feed yet. */
export interface Draft {
  userId: string
  content: Omit<Notification, 'seq'>
  status: StoredNotification['status']
}

type Party = BookEventData['parties'][number]

/** One draft for each party of the event's book, in the order of the parties. */
export const notificationsOf = (event: BookEvent): Draft[] =>
  event.data.parties.map((reader) => {
    const weight = weightFor(event, reader.userId)
    return {
      userId: reader.userId,
      content: {
        id: event.id,
        kind: event.type.replace(/\.v\d+$/, ''),
        weight,
        at: event.time,
        actor: actorFor(event.data, reader.userId),
        subject: { type: 'debt', id: event.data.bookId },
        data: contentFor(event.data, reader),
      },
      // My own acts must neither ring nor wait to be read; they only keep my devices in step.
      status: weight === 'silent' ? 'read' : 'unseen',
    }
  })

/**
 * Who acted, as `readerId` may know it. A concealed person has not accepted the debt yet: their
 * user id would tell that the address typed by the other one belongs to an account. A stranger
 * (an actor who holds no seat) is nobody's business either.
 */
const actorFor = (data: BookEventData, readerId: string): string | null => {
  if (data.actorId === readerId) return readerId
  const actor = data.parties.find((party) => party.userId === data.actorId)
  return actor === undefined || actor.concealed ? null : actor.userId
}

/** `alert` rings: it needs my answer, or somebody else changed what is owed or answered me. */
const weightOf: Record<BookEventType, 'alert' | 'quiet'> = {
  'debt.proposed.v1': 'alert',
  'debt.accepted.v1': 'alert',
  'debt.declined.v1': 'alert',
  'debt.withdrawn.v1': 'quiet',
  'debt.changed.v1': 'quiet',
  'invitation.declined.v1': 'alert',
  'transaction.posted.v1': 'alert',
  'transaction.proposed.v1': 'alert',
  'transaction.resolved.v1': 'alert',
}

const weightFor = ({ type, data }: BookEvent, readerId: string): Notification['weight'] => {
  if (data.silent === true || data.actorId === readerId) return 'silent'
  // Somebody took their own wish back: nothing is asked of me any more.
  return data.kind === 'withdrawn' ? 'quiet' : weightOf[type]
}

/** Ids and amounts only, member by member: a field added to events must not leak by itself. */
const contentFor = (data: BookEventData, reader: Party): Notification['data'] =>
  present({
    seq: data.seq,
    kind: data.kind,
    status: data.status,
    amount: data.amount,
    balance: data.balance,
    occurredOn: data.occurredOn,
    resolves: data.resolves,
    reverses: data.reverses,
    bundle: data.bundle,
    replaces: data.replaces,
    effect: data.effect,
    role: reader.role,
  })

type Present<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }

/** Without the members that are undefined: MongoDB would store them as null. */
const present = <T extends object>(members: T): Present<T> =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Present<T>

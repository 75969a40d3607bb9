/** An event on its way to the outbox. */
export interface OutboxEvent {
  topic: 'books' | 'users'
  /** Book id or user id: order holds per key. */
  key: string
  /** A CloudEvent. */
  event: object
}

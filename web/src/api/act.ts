/**
 * One user act, one idempotency key: trying the same submit again, after a lost answer or by
 * pressing the button once more, sends the same key, so it cannot be recorded twice.
 */
export interface Act {
  /** The key of this body: the same until the act succeeds or the body changes. */
  keyFor: (body: unknown) => string
  /** The act is done; the next one, even with an equal body, is another. */
  done: () => void
}

export const makeAct = (newKey: () => string): Act => {
  let current: { body: string; key: string } | undefined
  return {
    keyFor(body) {
      const text = JSON.stringify(body) ?? ''
      if (current?.body !== text) current = { body: text, key: newKey() }
      return current.key
    },
    done() {
      current = undefined
    },
  }
}

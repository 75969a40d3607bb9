/**
 * What is remembered of people, and soon too old, is read anew beside the work: who needs it does not
 * wait for the store.
 */

/** So long those wait for each other who are to be read anew. */
const renewEveryMs = 1_000

/** `readAnew` gets everybody who was added since it last began; one runs at a time. */
export const makeRenewals = (readAnew: (userIds: string[]) => Promise<unknown>) => {
  const due = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const renew = async () => {
    const userIds = [...due]
    // Whoever needs one of them later asks again, and hears of the failure then.
    await readAnew(userIds).catch(() => undefined)
    for (const userId of userIds) due.delete(userId)
    timer = undefined
  }

  return {
    /** Somebody who is remembered: so there are no more of them than are remembered. */
    add(userId: string): void {
      due.add(userId)
      timer ??= setTimeout(() => void renew(), renewEveryMs).unref()
    },
    drop(userId: string): void {
      due.delete(userId)
    },
  }
}

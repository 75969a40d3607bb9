/**
 * What is remembered of people, and soon too old, is read anew beside the work: who needs it does not
 * wait for the store.
 */

/** So long those wait for each other who are to be read anew. */
const renewEveryMs = 1_000

/**
 * Returns `renew(userId)`, to be called for whoever is remembered and asked for. `readAnew` gets those
 * of a second together; one runs at a time, and who is named again meanwhile is not read twice.
 */
export const makeRenewals = (
  readAnew: (userIds: string[]) => Promise<unknown>,
): ((userId: string) => void) => {
  const due = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const schedule = () => {
    timer ??= setTimeout(() => void run(), renewEveryMs).unref()
  }
  const run = async () => {
    const userIds = [...due]
    // Whoever needs one of them later asks again, and hears of the failure then.
    await readAnew(userIds).catch(() => undefined)
    for (const userId of userIds) due.delete(userId)
    timer = undefined
    if (due.size > 0) schedule()
  }

  return (userId) => {
    due.add(userId)
    schedule()
  }
}

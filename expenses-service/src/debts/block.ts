/** A stretch of time in which nothing of one person reached another. Pure. */

/** RFC 3339, to the millisecond; without an end it still stands. */
export interface Block {
  towardsId: string
  fromAt: string
  untilAt: string | undefined
}

/** Whether what this person did at that instant did not reach who has these blocks. */
export const isBlockedBy = (blocks: readonly Block[], authorId: string, at: string): boolean =>
  blocks.some(
    ({ towardsId, fromAt, untilAt }) =>
      towardsId === authorId && at >= fromAt && (untilAt === undefined || at < untilAt),
  )

/**
 * Limits of the ledger that forms tell before a request would fail. A test holds that they are those
 * of `docs/limits.md`; amounts have theirs in the currencies of `@quits/proto`.
 */
export const limits = {
  /** Lengths of texts, in UTF-16 units. */
  nameLengthMax: 80,
  descriptionLengthMax: 200,
  noteLengthMax: 500,
  categoryLengthMax: 40,
  /** Of the law of mail; the ledger takes no longer one either. */
  emailLengthMax: 254,
  /** The first day that can be recorded. */
  earliestOn: '1900-01-01',
  openLinksMax: 10,
  linkDays: 30,
} as const

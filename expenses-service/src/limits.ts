/**
 * The stated limits of the ledger, in one place. `docs/limits.md` is made from them; a test holds that
 * they agree, and the tests of each route try the edges.
 */
export const limits = {
  /** Lengths of texts, in UTF-16 units. */
  nameLengthMax: 80,
  descriptionLengthMax: 200,
  noteLengthMax: 500,
  categoryLengthMax: 40,
  /** The first day that can be recorded. */
  earliestOn: '1900-01-01',
  debtsPerUserMax: 10_000,
  /** Debts that wait for an address to sign up. */
  waitingPerAddressMax: 1_000,
  /** Entries of one debt that may wait for an answer at a time. */
  pendingPerDebtMax: 100,
  /** Rows of a debt whose other side nobody has agreed to: what declining it can undo. */
  rowsBeforeSeatMax: 100,
  /** Open debts between two people that one payment can be spread over. */
  debtsPerPaymentMax: 1_000,
  /** Invitations to one debt that work at a time. */
  invitationsPerDebtMax: 10,
  invitationDays: 30,
  /** New addresses that one person may bring in per day, unless the operator says otherwise. */
  firstContactsPerDay: 30,
  /** Invitations that one person may mail to one address per day, over all debts. */
  mailsPerAddressPerDay: 3,
  pageSize: 50,
  pageSizeMax: 200,
  bodyBytesMax: 16_384,
} as const

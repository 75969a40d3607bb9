/** What went wrong, the money first: the part of `en.ts` that belongs to refusals. */
export const enErrors = {
  amountFaults: {
    empty: 'Enter an amount.',
    unreadable: 'Write the amount in digits, like {example}.',
    ambiguous: 'This can be read in two ways. Write it like {example}.',
    decimals: {
      none: '{currency} has no decimals. Write it like {example}.',
      some: '{currency} has at most {digits} decimals. Write it like {example}.',
    },
    zero: 'Enter an amount above zero.',
    large: 'That is more than Quits can keep.',
  },

  /** By the stable code of a problem document. */
  errors: {
    unreachable: 'Quits did not answer. Try again: if it was saved already, it is not doubled.',
    upstream_timeout: 'No answer came in time. Try again: if it was saved, it is not doubled.',
    upstream_unavailable: 'Nothing was saved: something is restarting. Try again in a moment.',
    overloaded: 'Nothing was saved: too much is going on. Try again in a moment.',
    busy: 'Nothing was saved: too much is going on. Try again in a moment.',
    unavailable: 'Nothing was saved: something is restarting. Try again in a moment.',
    too_many_requests: 'That was a lot at once. Wait a moment, then try again.',
    too_many_attempts: 'Too many attempts. Wait a few minutes, then try again.',
    internal: 'Something broke on our side. Look at the history before you try again.',
    unauthenticated: 'You were signed out. Sign in again.',
    wrong_credentials: 'The e-mail address or the password is wrong.',
    wrong_code: 'That code is wrong or too old. Check the mail, or send another code.',
    account_not_activated: 'Enter the code from the mail first.',
    signup_closed: 'This Quits takes no new people at the moment.',
    not_found: 'There is no such thing of yours.',
    not_yours_to_answer: 'Nothing was changed. Somebody else is asked to answer this.',
    debt_not_open: 'Nothing was saved. This debt takes no entries as it stands.',
    already_answered: 'This was answered before.',
    version_conflict: 'Nothing was saved. It was changed meanwhile; look again.',
    debt_with_yourself: 'Nothing was saved. A debt needs somebody else.',
    unknown_currency: 'Nothing was saved. Quits does not know this currency.',
    invalid_amount: 'Nothing was saved. The amount is not one that can be kept.',
    invalid_date: 'Nothing was saved. The date is not one that can be kept.',
    invalid_request: 'Nothing was saved. Something in the form is not as it must be.',
    balance_too_large: 'Nothing was saved. That is more than Quits can keep.',
    overpayment: 'Nothing was saved. That is more than is owed.',
    too_many_debts: 'Nothing was saved. You have as many debts as one person can.',
    too_many_pending: 'Nothing was saved. Too many entries wait for an answer already.',
  },

  emailFault: 'Write the whole address, like ana@example.com.',
  dateFault: 'Choose a day, not later than today.',
}

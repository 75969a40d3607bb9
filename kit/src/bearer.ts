/** The token of an Authorization header (RFC 6750); the name of the scheme has no case (RFC 9110). */

const bearer = /^bearer +([\w.~+/-]+=*) *$/i
/** Far above any token of ours; keeps a batch of checks within one message. */
const headerLengthMax = 2_048

/** Undefined when there is none that could be ours. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  authorization === undefined || authorization.length > headerLengthMax
    ? undefined
    : bearer.exec(authorization)?.[1]

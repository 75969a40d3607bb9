/**
 * The paths of commands. A key binds a request by its path as well, so both edges take it from here: over
 * HTTP and gRPC the same command is the same request.
 */
interface Place {
  bookId: string
  seq: number
}

export const paths = {
  debts: '/v1/debts',
  debt: (id: string) => `/v1/debts/${id}`,
  debtVerb: (id: string, verb: string) => `/v1/debts/${id}/${verb}`,
  entries: (id: string) => `/v1/debts/${id}/transactions`,
  entryVerb: ({ bookId, seq }: Place, verb: string) =>
    `/v1/debts/${bookId}/transactions/${seq}/${verb}`,
  payments: (personId: string) => `/v1/people/${personId}/payments`,
  invitations: (id: string) => `/v1/debts/${id}/invitations`,
  invitationVerb: (token: string, verb: string) => `/v1/invitations/${token}/${verb}`,
}

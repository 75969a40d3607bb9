// Who may do what, one row for every route and gRPC method. A route without a row fails the run, so
// whoever adds one has to say here whose things it shows.

/**
 * Things a path can name. Each is there once as somebody's own, and once as nobody's. `offered` is the debt
 * that `invitation` is to.
 */
export type Thing = 'debt' | 'offered' | 'seq' | 'invitation' | 'person' | 'session' | 'capability'

export type Policy =
  /** Anybody, signed in or not: nothing of anybody's is in it. */
  | { access: 'public' }
  /** Whoever is signed in, about themselves alone. */
  | { access: 'own'; body?: object }
  /** Only the parties of the thing; for everybody else it does not exist. */
  | { access: 'party'; names: Record<string, Thing>; body?: object; ifMatch?: true }
  /** Whoever holds the token in the path, which cannot be guessed. `public` needs no session. */
  | { access: 'bearer'; names: Record<string, Thing>; body?: object; public?: true }

const amount = { minor: '5', currency: 'EUR' }
const entry = { kind: 'advance', amount }
const debt = { id: 'debt' } as const
const offered = { id: 'offered' } as const
const row = { id: 'debt', seq: 'seq' } as const
const opening = {
  role: 'lender',
  counterparty: { name: 'Zoe' },
  opening: amount,
  description: 'their own',
}
const party = (names: Record<string, Thing>, body?: object) => ({
  access: 'party' as const,
  names,
  ...(body === undefined ? {} : { body }),
})

export const httpPolicies: Record<string, Policy> = {
  'POST /v1/users': { access: 'public' },
  'POST /v1/auth/codes': { access: 'public' },
  'POST /v1/auth/codes/verify': { access: 'public' },
  'POST /v1/auth/login': { access: 'public' },
  'POST /v1/auth/refresh': { access: 'public' },
  'POST /v1/auth/logout': { access: 'public' },
  'GET /.well-known/jwks.json': { access: 'public' },
  'GET /openapi.json': { access: 'public' },
  'GET /services': { access: 'public' },
  'GET /api-docs': { access: 'public' },
  'GET /v1/auth/me': { access: 'own' },
  'GET /v1/auth/sessions': { access: 'own' },
  'DELETE /v1/auth/sessions/{id}': party({ id: 'session' }),
  'GET /v1/users/me': { access: 'own' },
  'PATCH /v1/users/me': { access: 'own', body: { name: 'Somebody' } },
  'DELETE /v1/users/me': { access: 'own' },
  'PUT /v1/users/me/password': { access: 'own', body: {} },
  'POST /v1/debts': { access: 'own', body: opening },
  'GET /v1/debts': { access: 'own' },
  'GET /v1/debts/{id}': party(debt),
  'PATCH /v1/debts/{id}': { ...party(debt, { description: 'taken over' }), ifMatch: true },
  'POST /v1/debts/{id}/accept': party(debt, {}),
  'POST /v1/debts/{id}/decline': party(debt, {}),
  'POST /v1/debts/{id}/withdraw': party(debt, {}),
  'POST /v1/debts/{id}/archive': party(debt, {}),
  'POST /v1/debts/{id}/unarchive': party(debt, {}),
  'GET /v1/debts/{id}/proof': party(debt),
  'GET /v1/debts/{id}/history.csv': party(debt),
  'GET /v1/debts/{id}/history.json': party(debt),
  'GET /v1/debts/{id}/transactions': party(debt),
  'POST /v1/debts/{id}/transactions': party(debt, entry),
  'GET /v1/debts/{id}/transactions/{seq}': party(row),
  'POST /v1/debts/{id}/transactions/{seq}/accept': party(row, {}),
  'POST /v1/debts/{id}/transactions/{seq}/decline': party(row, {}),
  'POST /v1/debts/{id}/transactions/{seq}/withdraw': party(row, {}),
  'POST /v1/debts/{id}/transactions/{seq}/reverse': party(row, {}),
  'POST /v1/debts/{id}/transactions/{seq}/amend': party(row, { amount }),
  'POST /v1/debts/{id}/invitations': party(offered, {}),
  'GET /v1/debts/{id}/invitations': party(offered),
  'DELETE /v1/debts/{id}/invitations/{invitation}': party({
    ...offered,
    invitation: 'invitation',
  }),
  'GET /v1/invitations/{token}': {
    access: 'bearer',
    names: { token: 'capability' },
    public: true,
  },
  'POST /v1/invitations/{token}/accept': {
    access: 'bearer',
    names: { token: 'capability' },
    body: { seq: 1, hash: '0'.repeat(64) },
  },
  'POST /v1/invitations/{token}/decline': {
    access: 'bearer',
    names: { token: 'capability' },
    body: {},
  },
  'GET /v1/summary': { access: 'own' },
  'GET /v1/people': { access: 'own' },
  'GET /v1/people/{id}': party({ id: 'person' }),
  'GET /v1/people/{id}/transactions': party({ id: 'person' }),
  'POST /v1/people/{id}/payments': party({ id: 'person' }, { from: 'me', amount }),
  'PUT /v1/people/{id}/consent': party({ id: 'person' }, { mode: 'always' }),
  'PUT /v1/people/{id}/block': party({ id: 'person' }, { blocked: true }),
}

// The same for `quits.ledger.v1.Ledger`. A method of the contract without a row does not compile, and a
// method of its file without one fails a test and every run.
import type { LedgerMethods } from '@quits/proto/ledger'
import type { Thing } from './policies.ts'

/** A request about these things; `key` is one for it alone. */
type RequestOf = (things: Record<Thing, string>, key: string) => object

export type GrpcPolicy = { requestOf: RequestOf; stream?: true } & (
  | { access: 'own' }
  /** `reads`: changes nothing, so that it can be shown that a party is answered. */
  | { access: 'party'; reads?: true }
  /** Many at once: refusals are in the answer. */
  | { access: 'party-each' }
  /** Whoever holds the token, which cannot be guessed. `public` needs no session. */
  | { access: 'bearer'; public?: true }
)

const amount = { minor: '5', currency: 'EUR' }
const opening = {
  role: 'lender',
  counterparty: { name: 'Zoe' },
  opening: amount,
  description: 'their own',
  idempotencyKey: 'own',
}
const own = (request: object = {}) => ({ access: 'own' as const, requestOf: () => request })

/** A command about a debt, and about an entry of it. */
const debt = (request: object = {}): GrpcPolicy => ({
  access: 'party',
  requestOf: (things, idempotencyKey) => ({ debtId: things.debt, idempotencyKey, ...request }),
})
const entry = (request: object = {}): GrpcPolicy => ({
  access: 'party',
  requestOf: (things, idempotencyKey) => ({
    debtId: things.debt,
    seq: Number(things.seq),
    idempotencyKey,
    ...request,
  }),
})
const person = (request: object): GrpcPolicy => ({
  access: 'party',
  requestOf: (things) => ({ personId: things.person, ...request }),
})
const reading = { access: 'party', reads: true } as const
const readDebt: GrpcPolicy = { ...reading, requestOf: (things) => ({ debtId: things.debt }) }
const capability: RequestOf = (things, idempotencyKey) => ({
  token: things.capability,
  idempotencyKey,
})
const each = (list: string, request: object): GrpcPolicy => ({
  access: 'party-each',
  requestOf: (things, idempotencyKey) => ({
    [list]: [{ debtId: things.debt, idempotencyKey, ...request }],
  }),
})
const accept = { verdict: 1 }
const advance = { kind: 'advance', amount }

export const grpcPolicies: Record<keyof LedgerMethods, GrpcPolicy> = {
  OpenDebt: own(opening),
  OpenDebts: own({ debts: [opening] }),
  AnswerDebt: debt(accept),
  AnswerDebts: each('answers', accept),
  ChangeDebt: {
    access: 'party',
    requestOf: ({ debt: debtId }) => ({ debtId, ifVersion: 1, description: 'taken over' }),
  },
  ArchiveDebt: { access: 'party', requestOf: (things) => ({ debtId: things.debt }) },
  UnarchiveDebt: { access: 'party', requestOf: (things) => ({ debtId: things.debt }) },
  GetDebt: readDebt,
  ListDebts: { ...own(), stream: true },
  SumDebts: own(),

  EnterEntry: debt(advance),
  EnterEntries: each('entries', advance),
  AnswerEntry: entry(accept),
  AnswerEntries: each('answers', { ...accept, seq: 3 }),
  ReverseEntry: entry(),
  AmendEntry: entry({ amount }),
  GetEntry: { ...reading, requestOf: ({ debt: debtId, seq }) => ({ debtId, seq: Number(seq) }) },
  ListEntries: { ...readDebt, stream: true },
  ReadHistory: { ...readDebt, stream: true },
  ReadProof: { ...readDebt, stream: true },

  GetSummary: own(),

  ListPeople: { ...own(), stream: true },
  GetPerson: { ...reading, requestOf: (things) => ({ personId: things.person }) },
  ListTab: { ...reading, stream: true, requestOf: (things) => ({ personId: things.person }) },
  PayPerson: {
    access: 'party',
    requestOf: ({ person: personId }, idempotencyKey) => ({
      personId,
      idempotencyKey,
      from: 'me',
      amount,
    }),
  },
  SetConsent: person({ consent: { mode: 'always' } }),
  SetBlock: person({ blocked: true }),

  Invite: {
    access: 'party',
    requestOf: (things, idempotencyKey) => ({ debtId: things.offered, idempotencyKey }),
  },
  ListInvitations: {
    ...reading,
    stream: true,
    requestOf: (things) => ({ debtId: things.offered }),
  },
  RevokeInvitation: {
    access: 'party',
    requestOf: (things) => ({ debtId: things.offered, invitationId: things.invitation }),
  },
  ShowInvitation: {
    access: 'bearer',
    public: true,
    requestOf: ({ capability: token }) => ({ token }),
  },
  ListInvitedEntries: {
    access: 'bearer',
    public: true,
    stream: true,
    requestOf: ({ capability: token }) => ({ token }),
  },
  AcceptInvitation: {
    access: 'bearer',
    requestOf: (things, key) => ({ ...capability(things, key), seq: 1, hash: '0'.repeat(64) }),
  },
  DeclineInvitation: { access: 'bearer', requestOf: capability },
}

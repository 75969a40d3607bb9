/**
 * The floors of the services, as a map: 1 pure (no clock, no I/O), 2 talkers (one driver each),
 * 3 use cases, 4 edges, 5 what starts a process. Files of kit and proto are the ground, floor 0.
 */
const floors: Record<string, Record<number, string>> = {
  'expenses-service': {
    1: `config amount caller column csv cursor errors limits statement
        users/codes users/derived-key users/email users/events users/shapes
        users/refresh-token users/refresh-cookie users/access-token
        transactions/journal transactions/book transactions/entry transactions/request-hash
        transactions/state transactions/turn transactions/save
        debts/rules debts/events debts/shapes debts/debt debts/request debts/proof debts/messages debts/category debts/debt-filter
        debts/paths debts/verdicts debts/together debts/block
        debts/life-shapes debts/rowless-events debts/invitation debts/invitation-shapes
        debts/invitation-view debts/take-seat debts/history debts/journal-events
        transactions/relation transactions/payment-key debts/rules/opening debts/rules/entering
        debts/rules/undoing debts/rules/paying debts/rules/bundle debts/rules/answering debts/written
        outbox/event outbox/give-way`,
    2: `transactions/relation-store transactions/payment-store debts/surplus-store debts/payable-store debts/agreement-store debts/tab-store
        users/code-store users/session-store users/user-store users/people users/passwords
        users/guards transactions/entry-store transactions/load
        transactions/turn-connection transactions/statement-batch
        debts/debt-store debts/proof-store debts/totals-store debts/invitation-store
        debts/first-contacts debts/history-store debts/journal-store debts/together-store
        debts/waiting-store debts/block-store outbox/store`,
    3: `transactions/timely-writer users/letters users/request-code users/sign-in users/sessions users/profile users/sweeper
        transactions/writer debts/open-debt debts/enter-entry debts/answer-entry
        debts/answer-debt debts/seat-newcomer debts/change-debt debts/invite
        debts/answer-invitation debts/show-invitation outbox/relay outbox/event-relay outbox/job-relay
        outbox/relay-thread outbox/outbox debts/correct-entry debts/pay-person debts/relate
        debts/find-debt debts/show-entries debts/read-journal debts/tab debts/put-away debts/person debts/revoke-invitation`,
    4: `debts/call debts/tab-route debts/entry-routes debts/person-routes body routing openapi users/auth-routes users/profile-routes users/identify users/users
        debts/proof-route debts/grpc debts/grpc-reads debts/grpc-commands debts/grpc-batch
        debts/people-messages debts/routes grpc-edge debts/write-routes debts/read-routes debts/life-routes
        debts/invitation-routes debts/history-routes debts/journal-service app`,
    5: 'main migrate outbox/relay-worker',
  },
  'mailer-service': {
    1: 'config job catalogue layout templates faults retries',
    2: 'store transport topology publish send-rate',
    3: 'send sweep figures',
    4: 'consumer app',
    5: 'main migrate',
  },
  'throttler-service': {
    1: 'config policy keys subject',
    2: 'buckets decision authority identity insurance policy-file invalidation figures',
    3: 'check',
    4: 'grpc http app',
    5: 'main',
  },
  'notifier-service': {
    1: `config notifications parallel renewals gather turnstile muting groups dead-letter lag
        asyncapi/document asyncapi/examples sockets/frames streams/event-stream`,
    2: `feed-store epoch-store erasure-store inbox-store wishes preference-store journal hints tickets identity heads metrics sessions
        sockets/recent`,
    3: 'append ingest erase mark resume retention rebuild reconcile reconcile-part consumers',
    4: `routes inbox-routes request problems app sockets/beats sockets/channel sockets/device sockets/gate sockets/heartbeat
        sockets/opening sockets/outflow sockets/registry sockets/seats sockets/wire
        streams/stream-wire streams/streams`,
    5: 'main',
  },
  proxy: {
    1: 'config address headers handshake routes-table request-target framing problems',
    2: 'insurance spread stall web-files figures',
    3: 'gate',
    4: 'workers forward upgrade static front-door app',
    5: 'main',
  },
}

const floorByPath = new Map<string, number>(
  Object.entries(floors).flatMap(([house, byFloor]) =>
    Object.entries(byFloor).flatMap(([floor, names]) =>
      names.split(/\s+/).map((name) => [`${house}/src/${name}.ts`, Number(floor)] as const),
    ),
  ),
)

/** The floor of a file; undefined for a file of a service that nobody gave one. */
export const floorOf = (path: string): number | undefined =>
  /^(kit|proto)\//.test(path) ? 0 : floorByPath.get(path)

/** Files that the map names and the house no longer has. */
export const vanished = (paths: string[]): string[] =>
  [...floorByPath.keys()].filter((path) => !paths.includes(path))

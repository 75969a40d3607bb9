/** Builds the notifier from its configuration. Nothing runs and nothing is asked yet. */
import { randomUUID } from 'node:crypto'
import { makeGrpcClient } from '@quits/kit/grpc'
import { makeHealth } from '@quits/kit/health'
import { makeHttpPart } from '@quits/kit/http'
import { makeKafka } from '@quits/kit/kafka'
import type { Log } from '@quits/kit/log'
import { makeInternalPart, makeMetrics } from '@quits/kit/metrics'
import { makeRedis, makeRedisSubscriber } from '@quits/kit/redis'
import type { Part } from '@quits/kit/run'
import { makeFarTrunks } from '@quits/kit/trunk-far'
import { trunkProtocol } from '@quits/kit/trunk-frames'
import { topicNames } from '@quits/proto/cloud-event'
import { identityContract } from '@quits/proto/grpc'
import { makeAppend } from './append.ts'
import type { Config } from './config.ts'
import { makeBooksPart, makeEndsPart, makeErasuresPart, makeGraveyard } from './consumers.ts'
import { makeEpochStore } from './epoch-store.ts'
import { makeErase } from './erase.ts'
import { makeErasureStore } from './erasure-store.ts'
import { makeFeedStore, makeMongo } from './feed-store.ts'
import { makeHeads } from './heads.ts'
import { makeHints } from './hints.ts'
import { makeIdentity } from './identity.ts'
import { makeInboxStore } from './inbox-store.ts'
import { makeIngest } from './ingest.ts'
import { makeJournal } from './journal.ts'
import { makeLag } from './lag.ts'
import { makeMark } from './mark.ts'
import { makeFigures } from './metrics.ts'
import { makePreferenceStore } from './preference-store.ts'
import { makeRebuild } from './rebuild.ts'
import { makeReconcile } from './reconcile.ts'
import { makeReconcilePart } from './reconcile-part.ts'
import { makeRetentionPart } from './retention.ts'
import { makeRoutes } from './routes.ts'
import { makeEndedSessions } from './sessions.ts'
import { makeDevice } from './sockets/device.ts'
import { makeGate } from './sockets/gate.ts'
import { makeOpening } from './sockets/opening.ts'
import { makeRegistry } from './sockets/registry.ts'
import { makeSeats } from './sockets/seats.ts'
import { makeStreams } from './streams/streams.ts'
import { makeTickets } from './tickets.ts'

const identifyMsMax = 300
/**
 * A ticket is spent by the command that reads it, and nobody stands in for Redis here: a process that
 * many come back to at once must not take its own being busy for a Redis that is away.
 */
const redisMsMax = 2_000
const dayMs = 86_400_000

/** The talkers: MongoDB, Redis, Kafka, and who a token belongs to. */
const makeTalkers = (config: Config, log: Log) => {
  const mongo = makeMongo({ url: config.MONGO_URL, database: config.mongoDatabase, log })
  const redisAt = { url: config.REDIS_URL, name: 'notifier', log }
  const store = makeFeedStore(mongo.database)
  return {
    mongo,
    store,
    inbox: makeInboxStore(mongo.database, store),
    redis: makeRedis({ ...redisAt, commandMs: redisMsMax }),
    subscriber: makeRedisSubscriber(redisAt),
    kafka: makeKafka({ brokers: config.KAFKA_URL, clientId: 'notifier', log }),
    grpc: makeGrpcClient({ contract: identityContract, address: config.IDENTITY_ADDRESS }),
  }
}

/** What compares and mends feeds. */
const makeRepairs = (
  config: Config,
  talkers: Pick<ReturnType<typeof makeTalkers>, 'store' | 'mongo'> &
    Pick<Parameters<typeof makeRebuild>[0], 'append' | 'mark' | 'preferences' | 'now'> &
    Pick<Parameters<typeof makeReconcile>[0], 'erasures'>,
) => {
  const journal = makeJournal(config.IDENTITY_ADDRESS)
  const epochs = makeEpochStore(talkers.mongo.database, talkers.store)
  const retentionMs = config.FEED_RETENTION_DAYS * dayMs
  const parts = { ...talkers, epochs, journal }
  const rebuild = makeRebuild({ ...parts, retentionMs })
  return { journal, reconcile: makeReconcile({ ...parts, ...rebuild }) }
}

export const makeApp = (config: Config, log: Log) => {
  const instance = randomUUID()
  const prefix = config.BROKER_PREFIX
  const now = Date.now
  const { mongo, store, inbox, redis, subscriber, kafka, grpc } = makeTalkers(config, log)
  const registry = makeRegistry({
    store,
    socketsPerUserMax: config.FEED_SOCKETS_PER_USER_MAX,
    keptMax: config.FEED_KEPT_FEEDS_MAX,
    losses: () => (hints.ready() ? hints.losses() : undefined),
    now,
  })
  const preferences = makePreferenceStore(mongo.database, now)
  const listener = { ...registry.listener, preferring: preferences.forget }
  const hints = makeHints({ redis, subscriber, prefix, instance, listener, log })
  const metrics = makeMetrics('notifier')
  const lag = makeLag({
    now,
    liveSinceMs: () => books.liveSinceMs(),
    awaySinceMs: () => books.awaySinceMs(),
  })
  const figures = makeFigures(metrics, () => ({
    sockets: gate.sockets(),
    streams: streams.streams(),
    users: registry.users(),
    unacked: registry.unacked(),
    lagSeconds: lag.seconds(),
  }))

  const mark = makeMark({
    store,
    inbox,
    tell(userId, change) {
      listener.marked(userId, change)
      hints.marked(userId, change)
    },
  })
  const ended = makeEndedSessions(now)
  const tickets = makeTickets(redis, prefix)
  const identity = makeIdentity({
    ask: (request) => grpc.call('Identify', request, { deadlineMs: identifyMsMax }),
    ended,
    hearing: () => ends.ready(),
    now,
  })

  const limits = {
    pingMs: config.FEED_PING_MS,
    pongMs: config.FEED_PONG_MS,
    stallMs: config.FEED_STALL_MS,
  }
  const isDegraded = () => !hints.ready()
  const shared = { registry, tickets, ended, store, inbox, figures, limits, now, log }
  const opening = makeOpening({ ...shared, isDegraded, losses: hints.losses })
  const device = { opening, registry, mark, figures, connectMs: config.FEED_CONNECT_MS, now, log }
  const seats = makeSeats({
    seatsMax: config.FEED_SOCKETS_MAX,
    seatsPerAddressMax: config.FEED_SOCKETS_PER_ADDRESS_MAX,
  })
  const streams = makeStreams({ opening, registry, seats, figures, now, log })
  const gate = makeGate({
    origins: config.origins,
    seats,
    makeDevice: (socket, raw) => makeDevice(device, socket, raw),
    figures,
    log,
  })
  const trunks = makeFarTrunks({ onUpgrade: gate.onUpgrade, log })
  const http = makeHttpPart({
    name: 'http',
    host: config.HOST,
    port: config.HTTP_PORT,
    handler: makeRoutes({
      identity,
      tickets,
      store,
      inbox,
      preferences,
      tellPreferring: hints.preferring,
      mark,
      streams,
      log,
    }),
    protocols: ['websocket', trunkProtocol],
    onUpgrade: trunks.onUpgrade,
  })

  const { books: booksTopic, users: usersTopic, deadOf } = topicNames(prefix)
  const graveyard = makeGraveyard(kafka, deadOf(booksTopic))
  const topics = {
    kafka,
    prefix,
    log,
    booksPartitions: config.BOOKS_PARTITIONS,
    usersPartitions: config.USERS_PARTITIONS,
  }
  const heads = makeHeads({ store, now })
  const append = makeAppend({ store, heads, onStored: registry.stored, now })
  const ingest = makeIngest({
    append,
    preferences,
    figures,
    lag,
    bury: graveyard.bury,
    // Here, too: a repeat may be of rows that stood before a turn failed, of which nobody was told.
    hint(grown) {
      for (const each of grown) registry.listener.grown(each)
      hints.grown(grown)
    },
  })
  const { indexed } = mongo
  const together = { ...topics, indexed, sessionMs: config.KAFKA_SESSION_MS }
  const books = makeBooksPart({ ...together, ingest, graveyard })
  const erasures = makeErasureStore(mongo.database)
  const tellPreferring = hints.preferring
  const erase = makeErase({ preferences, tellPreferring, tickets, erasures, figures })
  const usersGraveyard = makeGraveyard(kafka, deadOf(usersTopic))
  const erasing = makeErasuresPart({ ...together, erase, graveyard: usersGraveyard })
  const ends = makeEndsPart({
    ...topics,
    instance,
    ends: {
      session(sessionId) {
        ended.add(sessionId)
        identity.forgetSession(sessionId)
        registry.endSession(sessionId)
      },
      user(userId) {
        ended.add(userId)
        registry.endUser(userId)
      },
    },
  })
  // Pages and streams need MongoDB alone; without the others what is new comes later.
  const checks = {
    mongo: mongo.ready,
    books: books.ready,
    ends: ends.ready,
    erasures: erasing.ready,
    redis: hints.ready,
  }
  const health = makeHealth(checks, ['mongo'])
  const retention = makeRetentionPart({
    database: mongo.database,
    store,
    indexed,
    log,
    retentionDays: config.FEED_RETENTION_DAYS,
  })
  const reconcile = makeReconcilePart({
    ...makeRepairs(config, { store, mark, append, preferences, erasures, mongo, now }),
    retentionDays: config.FEED_RETENTION_DAYS,
    everyHours: config.FEED_RECONCILE_HOURS,
    figures,
    now,
    log,
  })
  const internal = makeInternalPart({
    host: config.HOST,
    port: config.METRICS_PORT,
    health,
    metrics,
  })
  // Stopped from the last to the first: sockets say goodbye while everything still works.
  const parts: Part[] = [
    internal,
    mongo.part,
    hints.part,
    retention,
    reconcile,
    books.part,
    erasing.part,
    ends.part,
    http,
    trunks.part,
    streams.part,
    gate.part,
  ]
  return { parts, health, http, internal }
}

/** From a `connect` frame to the welcome: ticket, place in the registry, head, counts, resume. */
import type { Log } from '@quits/kit/log'
import { type ClientFrame, closeCodes, type Counts, type Cursor } from '@quits/proto/feed'
import type { FeedStore } from '../feed-store.ts'
import type { InboxStore } from '../inbox-store.ts'
import type { Figures } from '../metrics.ts'
import { type Resume, resumeFrom } from '../resume.ts'
import type { EndedSessions } from '../sessions.ts'
import type { Pass, Tickets } from '../tickets.ts'
import { makeTurnstile } from '../turnstile.ts'
import { makeBeats } from './beats.ts'
import type { Channel } from './channel.ts'
import { type Heartbeat, makeHeartbeat } from './heartbeat.ts'
import { makeOutflow, type Outflow } from './outflow.ts'
import { recentMax } from './recent.ts'
import type { Device, Registry } from './registry.ts'
import type { Wire } from './wire.ts'

export interface OpeningDependencies {
  registry: Pick<Registry, 'join' | 'leave'>
  tickets: Pick<Tickets, 'redeem'>
  ended: EndedSessions
  store: Pick<FeedStore, 'earliest'>
  inbox: Pick<InboxStore, 'counts'>
  figures: Figures
  /** Whether word from other processes is lost at present. */
  isDegraded: () => boolean
  /** How often it was lost so far. */
  losses: () => number
  limits: { pingMs: number; pongMs: number; stallMs: number }
  now: () => number
  log: Log
}

/** A socket that was welcomed. */
export interface Opened {
  outflow: Outflow
  heartbeat: Heartbeat
}

/** Thrown when the socket can't be opened and has to be closed with `code`. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly code: number
  constructor(code: number) {
    super(`refused with ${code}`)
    this.code = code
  }
}

/** As many as keep the store busy; more would only be slower each. */
const readsInFlightMax = 8
/** More than a process has sockets. */
const readsWaitingMax = 20_000
/** Pings that are due within a hundredth of their interval are sent together. */
const beatsPerPing = 100

type Connect = Extract<ClientFrame, { type: 'connect' }>

export type Opening = ReturnType<typeof makeOpening>

export const makeOpening = (dependencies: OpeningDependencies) => {
  const { registry, store, inbox, figures, limits, isDegraded, now, log } = dependencies

  /** The holder of a ticket that still counts; each ticket answers once. */
  const admit = async (ticket: string): Promise<Pass | undefined> => {
    const pass = await dependencies.tickets.redeem(ticket)
    if (pass === undefined || pass.expiresAtMs <= now()) return undefined
    return dependencies.ended.has(pass) ? undefined : pass
  }

  const resumeOf = async (channel: Channel, since: Cursor | undefined, head: Cursor) => {
    const behind = since !== undefined && since.epoch === head.epoch && since.seq < head.seq
    // The channel remembers what it reads: to most who come back this look is all they missed.
    const upTo = Math.min(head.seq, (since?.seq ?? 0) + recentMax)
    const next = behind ? await channel.read(since.seq, upTo) : []
    return resumeFrom(since, head, next.length > 0)
  }

  const countsOf = (channel: Channel, resume: Resume, { epoch, seq }: Cursor): Promise<Counts> =>
    channel.counts(resume.how === 'replay' ? resume.after : seq, seq, (upTo) =>
      inbox.counts(channel.userId, { epoch, seq: upTo }),
    )

  /** Where the feed stands; a client that names another place knows more than our memory. */
  const headOf = async (channel: Channel, since: Connect['since']): Promise<Cursor> => {
    const known = await channel.trustedHead()
    const isAhead = since !== undefined && (since.epoch !== known?.epoch || since.seq > known.seq)
    return known === undefined || isAhead ? channel.refresh(since) : known
  }

  /** What a welcome says. */
  const look = async (at: {
    userId: string
    since: Connect['since']
    channel: Channel
    hasGone: () => boolean
  }) => {
    if (at.hasGone()) throw new RefusedError(closeCodes.resume)
    const { userId, channel } = at
    const head = await headOf(channel, at.since)
    const resume = await resumeOf(channel, at.since, head)
    const counts = await countsOf(channel, resume, head)
    const earliestKept = resume.how === 'gap' ? await store.earliest(userId, head.epoch) : 0
    return { head, counts, resume, earliestKept }
  }
  const inBeat = makeBeats({ beatMs: limits.pingMs / beatsPerPing, now })
  const inTurn = makeTurnstile({ insideMax: readsInFlightMax, waitingMax: readsWaitingMax })

  return {
    admit,

    /** Takes a place among the user's devices. */
    join(pass: Pass, device: Device, name?: string): Channel {
      const channel = registry.join(pass, device, name)
      if (channel === undefined) throw new RefusedError(closeCodes.tooManySockets)
      return channel
    },

    /**
     * Reads where the feed stands and makes the sending side. Call it after `join`: what is stored
     * from then on raises the channel's head (see outflow.ts). `begin` sends the welcome. When many
     * come at once each waits for its turn; one that has gone meanwhile costs nothing.
     */
    async prepare(at: {
      userId: string
      since: Connect['since']
      channel: Channel
      wire: Wire
      /** A stream can't answer: its end is seen by what it does not take. */
      answersPings: boolean
      close: (code: number) => void
      hasGone: () => boolean
    }): Promise<Opened & { begin: () => void }> {
      const { userId, channel, close } = at
      const { stallMs, pingMs, pongMs } = limits
      const lossesKnown = dependencies.losses()
      const { head, counts, resume, earliestKept } = await inTurn(() => look(at))
      const { epoch } = head
      const countsAt = (seq: number) => inbox.counts(userId, { epoch, seq })
      const earliest = () => store.earliest(userId, epoch)

      const outflow = makeOutflow({
        wire: at.wire,
        channel,
        stallMs,
        earliest,
        countsAt,
        figures,
        now,
        log,
        onSlow: () => close(closeCodes.slow),
      })
      const begin = () => {
        const recovered = resume.how === 'replay'
        const after = resume.how === 'replay' ? resume.after : head.seq
        const place = resume.how === 'gap' ? undefined : after
        const state = { recovered, ...(isDegraded() ? { degraded: true as const } : {}) }
        outflow.send({ type: 'welcome', epoch, head: head.seq, counts, pingMs, ...state }, place)
        if (resume.how === 'gap') {
          figures.gaps.inc()
          outflow.send({ type: 'gap', earliest: earliestKept, head: after }, after)
        }
        outflow.start(after, recovered ? head.seq : undefined)
      }
      const heartbeat = makeHeartbeat({
        channel,
        outflow,
        pingMs,
        inBeat,
        pongMs: at.answersPings ? pongMs : undefined,
        isDegraded,
        losses: dependencies.losses,
        lossesKnown,
        figures,
        log,
        onSilent: () => close(closeCodes.noPong),
      })
      return { outflow, heartbeat, begin }
    },
  }
}

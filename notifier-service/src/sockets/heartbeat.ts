/**
 * Pings of one socket. Each carries the feed's head as the store has it, and wakes the outflow: so a
 * hint that was lost costs one ping interval at most, on this side and on the client's. A head that
 * the store has confirmed within half an interval, and no word was lost since, is taken for a look: a
 * loss that nobody knows of may then cost half an interval more. While words are being lost, and
 * after any that were lost between two pings, it brings the counts along.
 */
import { scatteredMs } from '@quits/kit/backoff'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@quits/kit/log'
import type { Figures } from '../metrics.ts'
import type { InBeat } from './beats.ts'
import type { Channel } from './channel.ts'
import type { Outflow } from './outflow.ts'

/** A slow MongoDB must not make the connection look dead: the ping then carries what is known. */
const lookMsMax = 1_000

export type Heartbeat = ReturnType<typeof makeHeartbeat>

export const makeHeartbeat = (options: {
  channel: Pick<Channel, 'head' | 'trustedHead' | 'refresh' | 'forgetRecent'>
  outflow: Pick<Outflow, 'send' | 'advance' | 'changed'>
  pingMs: number
  inBeat: InBeat
  /** How long a pong may take; undefined where none can come. */
  pongMs: number | undefined
  /** Whether word from other processes is lost at present, so that only pings bring it. */
  isDegraded: () => boolean
  /** How often such word was lost so far; `lossesKnown` as of the counts in the welcome. */
  losses: () => number
  lossesKnown: number
  figures: Pick<Figures, 'hintsRepaired'>
  /** No pong came in time. */
  onSilent: () => void
  log: Log
}) => {
  const { channel, outflow } = options
  let deadline: NodeJS.Timeout | undefined
  let stopped = false
  let wasDegraded = false
  let { lossesKnown } = options

  const confirm = async () => (await channel.trustedHead(options.pingMs / 2)) ?? channel.refresh()

  const look = async () => {
    const before = channel.head()?.seq ?? 0
    const looked = confirm().catch((error: unknown) => {
      options.log.warn({ err: error }, 'head not read for a ping')
    })
    const late = new AbortController()
    const lookEnds = delay(lookMsMax, undefined, { signal: late.signal }).catch(() => undefined)
    await Promise.race([looked, lookEnds])
    late.abort()
    if ((channel.head()?.seq ?? 0) > before) options.figures.hintsRepaired.inc()
  }

  /** Marks made on other processes were not told, either: what they came to is. */
  const tellCounts = () => {
    channel.forgetRecent()
    outflow.changed({ upTo: 0, status: 'seen' })
  }

  const beat = async () => {
    await look()
    if (stopped) return
    const head = channel.head()?.seq ?? 0
    const degraded = options.isDegraded()
    const losses = options.losses()
    outflow.send({ type: 'ping', head, ...(degraded ? { degraded } : {}) })
    if (degraded || wasDegraded || losses !== lossesKnown) tellCounts()
    wasDegraded = degraded
    lossesKnown = losses
    if (options.pongMs !== undefined) deadline ??= setTimeout(options.onSilent, options.pongMs)
    outflow.advance()
    drop = options.inBeat(options.pingMs, tick)
  }
  const tick = () => {
    beat().catch((error: unknown) => options.log.error({ err: error }, 'ping failed'))
  }
  // The first comes early by a random part, so that sockets opened together do not ping together.
  let drop = options.inBeat(scatteredMs(options.pingMs, Math.random()), tick)

  return {
    answered(): void {
      clearTimeout(deadline)
      deadline = undefined
    },
    stop(): void {
      stopped = true
      drop()
      clearTimeout(deadline)
    },
  }
}

/** The notifier's figures. */
import { Counter, Gauge, Histogram, type Registry } from '@quits/kit/metrics'

interface Looked {
  sockets: number
  streams: number
  users: number
  unacked: number
  lagSeconds: number
}

export type Figures = ReturnType<typeof makeFigures>

/** `now` looks at the open sockets when somebody reads the metrics. */
export const makeFigures = (registry: Registry, now: () => Looked) => {
  const registers = [registry]
  const gauge = (name: string, help: string, look?: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      ...(look === undefined
        ? {}
        : {
            collect() {
              this.set(look())
            },
          }),
    })
  const counter = (name: string, help: string) => new Counter({ name, help, registers })

  gauge('quits_feed_sockets', 'Open feed sockets', () => now().sockets)
  gauge('quits_feed_streams', 'Open feed streams (SSE)', () => now().streams)
  gauge('quits_feed_users', 'Users with an open feed', () => now().users)
  gauge(
    'quits_feed_lag_seconds',
    'How long the oldest record in hand has waited in Kafka',
    () => now().lagSeconds,
  )
  gauge('quits_feed_unacked', 'Events sent and not acknowledged', () => now().unacked)
  // Counted for each event of each device: too often for a counter with all that it can do.
  let written = 0
  registry.registerMetric(
    new Counter({
      name: 'quits_feed_written_total',
      help: 'Events written to sockets',
      registers: [],
      collect() {
        this.reset()
        this.inc(written)
      },
    }),
  )
  return {
    stored: counter('quits_feed_stored_total', 'Notifications stored'),
    repeats: counter('quits_feed_repeats_total', 'Notifications that were stored already'),
    deadLetters: counter('quits_feed_dead_letters_total', 'Records that can never be read'),
    erased: counter('quits_feed_erased_total', 'Notifications of people whose account is gone'),
    missing: gauge('quits_feed_missing', 'Faults that the last look at all feeds found'),
    uncompared: gauge('quits_feed_uncompared', 'Feeds that the last look could not compare'),
    mended: counter('quits_feed_mended_total', 'Feeds that were mended'),
    written: {
      inc(count: number) {
        written += count
      },
    },
    gaps: counter('quits_feed_gaps_total', 'Resumes that could not be complete'),
    hintsRepaired: counter('quits_feed_hints_repaired_total', 'Growth first seen by a ping'),
    ageSeconds: new Histogram({
      name: 'quits_feed_event_age_seconds',
      help: 'From the event to the write of its frame, live events only',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 120],
      registers,
    }),
    replaySize: new Histogram({
      name: 'quits_feed_replay_events',
      help: 'Events that a resume brought',
      buckets: [0, 1, 3, 10, 30, 100, 1_000, 10_000],
      registers,
    }),
    closes: new Counter({
      name: 'quits_feed_closes_total',
      help: 'Sockets closed by the server, by close code',
      labelNames: ['code'] as const,
      registers,
    }),
  }
}

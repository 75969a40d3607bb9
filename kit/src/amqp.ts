/**
 * One AMQP connection that comes back. Every channel and consumer is made in `open`, which runs
 * anew after each reconnect: a channel made elsewhere stays dead for ever after a broker restart.
 */
import { type ChannelModel, connect } from 'amqplib'
import { backoffMs, reconnectBackoff, sleep } from './backoff.ts'
import type { Log } from './log.ts'
import type { Part } from './run.ts'

/** What lives on one connection. `close` runs before the connection is closed in good order. */
export interface AmqpSession {
  close(): Promise<void>
}

const heartbeatSeconds = 10

/** Runs until told to stop; `ready()` tells whether a session is open now. */
export const makeAmqpPart = (options: {
  name: string
  url: string
  log: Log
  open: (connection: ChannelModel) => Promise<AmqpSession>
}): Part & { ready(): boolean } => {
  let open = false

  const session = async (signal: AbortSignal): Promise<void> => {
    const connection = await connect(withHeartbeat(options.url), { timeout: 5_000 })
    const closed = new Promise<void>((resolve) => {
      connection.on('close', () => resolve())
      connection.on('error', (error: Error) => options.log.warn({ err: error }, 'AMQP error'))
    })
    try {
      const current = await options.open(connection)
      open = true
      await Promise.race([closed, heard(signal)])
      if (signal.aborted) await current.close()
    } finally {
      open = false
      await connection.close().catch(() => undefined)
    }
  }

  return {
    name: options.name,
    ready: () => open,
    async run(signal) {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        await session(signal).then(
          () => {
            attempt = 0
          },
          (error: unknown) => options.log.warn({ err: error, attempt }, 'AMQP session failed'),
        )
        if (!signal.aborted)
          await sleep(backoffMs(reconnectBackoff, attempt, Math.random()), signal)
      }
    },
  }
}

const withHeartbeat = (url: string) => {
  const target = new URL(url)
  target.searchParams.set('heartbeat', String(heartbeatSeconds))
  return target.href
}

const heard = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

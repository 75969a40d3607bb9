/**
 * Lets go of a client that takes nothing. While it is waited for, the other side is not read, so
 * not even its end is seen: without this clock both sockets would stay for ever.
 */
import type { Duplex } from 'node:stream'

/** Call `waits` whenever a write to the client found it full. */
export const watchStall = (client: Duplex, stallMs: number) => {
  let late: NodeJS.Timeout | undefined
  const takes = () => {
    clearTimeout(late)
    late = undefined
  }
  client.on('drain', takes)
  client.once('close', takes)
  return {
    waits(): void {
      if (!client.destroyed) late ??= setTimeout(() => client.destroy(), stallMs)
    },
  }
}

/** How many connections this process holds, sockets and streams together, and from where. */
import type { IncomingMessage } from 'node:http'
import { networkOf } from '@quits/kit/network'

export type Seats = ReturnType<typeof makeSeats>

export const makeSeats = (options: { seatsMax: number; seatsPerAddressMax: number }) => {
  const addresses = new Map<string, number>()
  let taken = 0
  return {
    isFull: () => taken >= options.seatsMax,
    /**
     * Counts one more connection from `address` until `leave` is called, once or more often.
     * A crowded one has to be refused by the caller, and counts until it has left, too.
     */
    take(address: string): { isCrowded: boolean; leave: () => void } {
      const here = (addresses.get(address) ?? 0) + 1
      addresses.set(address, here)
      taken += 1
      let seated = true
      const leave = () => {
        if (!seated) return
        seated = false
        taken -= 1
        const left = (addresses.get(address) ?? 1) - 1
        if (left > 0) addresses.set(address, left)
        else addresses.delete(address)
      }
      return { isCrowded: here > options.seatsPerAddressMax, leave }
    },
  }
}

/** The client as the front door names it; the peer itself where there is none. */
export const addressOf = (request: IncomingMessage): string => {
  const forwarded = request.headers['x-forwarded-for']
  const named = typeof forwarded === 'string' ? networkOf(forwarded.trim()) : undefined
  return named ?? networkOf(request.socket.remoteAddress ?? '') ?? 'unknown'
}

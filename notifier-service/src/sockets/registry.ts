/**
 * Which sockets of this process listen to whom. Holds no lock over anything that waits.
 *
 * Most who leave come back: a feed outlives its last device for a while, and goes on hearing what is
 * stored and marked. So a front door that starts again, or a network that was away, does not make
 * everybody read at once what this process has just stored for them.
 */
import { closeCodes } from '@quits/proto/feed'
import type { FeedRow, FeedStore } from '../feed-store.ts'
import type { Change, Hint, Listener } from '../hints.ts'
import type { Pass } from '../tickets.ts'
import { type Channel, makeChannel } from './channel.ts'

/** A socket as the registry sees it. None of these may throw or wait. */
export interface Device {
  unacked: () => number
  /** The feed has grown. */
  grown(): void
  changed(change: Change): void
  /** This process is leaving; come back in `afterMs`. */
  bye(afterMs: number): void
  close(code: number): void
}

interface Seat {
  /** What the device lives on. */
  pass: Pass
  /** What it calls itself; a stream has no name. */
  name: string | undefined
}

interface Room {
  channel: Channel
  /** In the order in which they came. */
  devices: Map<Device, Seat>
}

export type Registry = ReturnType<typeof makeRegistry>

export const makeRegistry = (options: {
  store: Pick<FeedStore, 'head' | 'epoch' | 'range'>
  socketsPerUserMax: number
  /** So many feeds without a device are kept. */
  keptMax: number
  /** How often word from other processes was lost so far; undefined while it is being lost. */
  losses: () => number | undefined
  now: () => number
}) => {
  const rooms = new Map<string, Room>()
  /** Whose last device has left, in that order. */
  const kept = new Set<string>()
  const everyDevice = () => [...rooms.values()].flatMap((room) => [...room.devices])

  const openRoom = (userId: string): Room => {
    const devices = new Map<Device, Seat>()
    const channel = makeChannel({
      userId,
      store: options.store,
      losses: options.losses,
      now: options.now,
      onGrown: () => {
        for (const device of devices.keys()) device.grown()
      },
      // The client comes back, learns of the new epoch and reads by REST.
      onRebuilt: () => {
        if (rooms.get(userId)?.devices === devices) forget(userId)
        closeAll(devices, closeCodes.resume)
      },
    })
    return { channel, devices }
  }

  const forget = (userId: string) => {
    rooms.delete(userId)
    kept.delete(userId)
  }

  const keep = (userId: string) => {
    kept.delete(userId)
    kept.add(userId)
    for (const oldest of kept) {
      if (kept.size <= options.keptMax) break
      forget(oldest)
    }
  }

  const closeAll = (devices: Map<Device, Seat>, code: number) => {
    for (const device of devices.keys()) device.close(code)
  }

  const listener: Omit<Listener, 'preferring'> = {
    grown: (hint: Hint) => rooms.get(hint.userId)?.channel.moveTo(hint),
    marked(userId, change) {
      const room = rooms.get(userId)
      if (room === undefined) return
      room.channel.forgetRecent()
      for (const device of room.devices.keys()) device.changed(change)
    },
  }

  return {
    listener,
    /**
     * Adds the device to its user's feed; undefined when that user has too many already. A device
     * that comes back takes the place of its own oldest socket then: one that went without a word
     * is missed only after a ping, and ghosts must not keep their own device out until then.
     */
    join(pass: Pass, device: Device, name?: string): Channel | undefined {
      const room = rooms.get(pass.userId) ?? openRoom(pass.userId)
      if (room.devices.size >= options.socketsPerUserMax) {
        const former = [...room.devices].find(([, seat]) => seat.name === name)
        if (name === undefined || former === undefined) return undefined
        former[0].close(closeCodes.tooManySockets)
      }
      // Behind the close above, with which the last device may have left.
      kept.delete(pass.userId)
      rooms.set(pass.userId, room)
      room.devices.set(device, { pass, name })
      return room.channel
    },
    /** The device lives on another pass of the same user now. */
    renew(pass: Pass, device: Device): void {
      const seat = rooms.get(pass.userId)?.devices.get(device)
      if (seat !== undefined) seat.pass = pass
    },
    leave(userId: string, device: Device): void {
      const room = rooms.get(userId)
      if (room === undefined) return
      room.devices.delete(device)
      if (room.devices.size === 0) keep(userId)
    },
    /** Rows stored by this process, in order for each user. */
    stored(rows: FeedRow[]): void {
      for (const [userId, theirs] of Map.groupBy(rows, (row) => row.userId)) {
        rooms.get(userId)?.channel.grew(theirs)
      }
    },
    endSession(sessionId: string): void {
      for (const [device, { pass }] of everyDevice()) {
        if (pass.sessionId === sessionId) device.close(closeCodes.unauthenticated)
      }
    },
    endUser(userId: string): void {
      const room = rooms.get(userId)
      forget(userId)
      if (room !== undefined) closeAll(room.devices, closeCodes.unauthenticated)
    },
    users: () => rooms.size - kept.size,
    unacked: () => everyDevice().reduce((sum, [device]) => sum + device.unacked(), 0),
  }
}

/** The edges of the browser, in one place: sockets, locks, storage, identity of the device. */
import type { ConnectionDependencies, Socket, SocketEars } from './feed/connection.ts'
import { feedProtocol } from './feed/frames.ts'
import type { TabChannel, TabMessage } from './feed/shared.ts'

/** Runs turns of all tabs one after the other; without Web Locks, at once. */
export const takeTurns = async <T>(turn: () => Promise<T>): Promise<T> => {
  if (!('locks' in navigator)) return turn()
  return navigator.locks.request('quits-refresh', turn)
}

/** True where tabs can agree on one of them. */
export const canShare = (): boolean => 'locks' in navigator && 'BroadcastChannel' in window

/** Runs while no other tab runs under this name; a signal heard meanwhile ends the wait. */
export const runAlone = async (
  name: string,
  run: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await navigator.locks.request(name, { signal }, run)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

export const openTabChannel = (name: string): TabChannel => {
  const channel = new BroadcastChannel(name)
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- only windows take one
    post: (message) => channel.postMessage(message),
    hear: (listener) => {
      channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => listener(data))
    },
    close: () => channel.close(),
  }
}

/** The code of a socket that ended without a close frame (RFC 6455). */
const abnormalClosure = 1006

export const openFeedSocket = (ears: SocketEars): Socket => {
  const url = new URL('/v1/feed', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url, feedProtocol)
  socket.addEventListener('open', ears.opened)
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') ears.heard(data)
  })
  const over = new AbortController()
  socket.addEventListener('close', ({ code }) => {
    over.abort()
    ears.closed(code)
  })
  // What was open without a network is dead, and would say so only minutes later.
  const giveUp = () => {
    socket.close()
    ears.closed(abnormalClosure)
  }
  window.addEventListener('offline', giveUp, { signal: over.signal })
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: () => socket.close(),
  }
}

/** Sleeps; coming back online ends the wait early, as that is what most waits hope for. */
export const sleep: ConnectionDependencies['sleep'] = (ms, signal) =>
  new Promise((resolve) => {
    const done = new AbortController()
    const wake = () => {
      clearTimeout(timer)
      done.abort()
      resolve()
    }
    const timer = setTimeout(wake, ms)
    if (signal.aborted) return wake()
    signal.addEventListener('abort', wake, { signal: done.signal })
    window.addEventListener('online', wake, { signal: done.signal })
  })

export const callLater = (act: () => void, ms: number): void => {
  setTimeout(act, ms)
}

/** A name for this browser, made once; it says nothing about who uses it. */
export const deviceName = (): string => {
  const made = crypto.randomUUID()
  try {
    const known = localStorage.getItem('quits.device')
    if (known !== null) return known
    localStorage.setItem('quits.device', made)
  } catch {
    // No storage: a new name each visit does no harm.
  }
  return made
}

/** A preference of this browser, such as the currency used last. */
export const recall = (name: string): string | undefined => {
  try {
    return localStorage.getItem(`quits.${name}`) ?? undefined
  } catch {
    return undefined
  }
}

export const remember = (name: string, value: string): void => {
  try {
    localStorage.setItem(`quits.${name}`, value)
  } catch {
    // A preference that cannot be kept is asked for again.
  }
}

/** Hands a file to the browser's downloads. */
export const saveFile = (file: Blob, name: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** Says honestly when what is shown may be old. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useLive } from '../app-context.ts'
import { formatTime } from '../dates.ts'
import { fill, t } from '../messages/say.ts'

/** A reconnect that is quicker than this is nobody's concern. */
const patienceMs = 4_000

const subscribeOnline = (listener: () => void) => {
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

export const Connection = () => {
  const { isLive, knownAtMs } = useLive()
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine)
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (isLive) return undefined
    const timer = setTimeout(() => setLong(true), patienceMs)
    return () => {
      clearTimeout(timer)
      setLong(false)
    }
  }, [isLive])

  const text = isOnline
    ? isLong && !isLive
      ? t.offline.away
      : ''
    : fill(t.offline.offline, { time: formatTime(new Date(knownAtMs)) })
  return (
    <p
      role="status"
      className="bg-waiting-tint px-4 py-2 text-center text-small text-waiting empty:hidden"
    >
      {text}
    </p>
  )
}

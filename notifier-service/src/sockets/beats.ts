/**
 * Timers that need not be exact, together: whoever waits for the same beat is called in one turn of
 * the event loop, so that what all of them ask is asked together, and a thousand timers are one.
 */

/** Calls `run` after `afterMs`, or up to one beat earlier; the answer takes that back. */
export type InBeat = (afterMs: number, run: () => void) => () => void

/** `now` is in Unix milliseconds. `run` must not throw. */
export const makeBeats = (options: { beatMs: number; now: () => number }): InBeat => {
  const { beatMs, now } = options
  const beats = new Map<number, Set<() => void>>()

  const open = (beat: number) => {
    const waiting = new Set<() => void>()
    beats.set(beat, waiting)
    const call = () => {
      beats.delete(beat)
      for (const run of waiting) run()
    }
    setTimeout(call, Math.max(0, beat * beatMs - now()))
    return waiting
  }

  return (afterMs, run) => {
    const beat = Math.floor((now() + afterMs) / beatMs)
    const waiting = beats.get(beat) ?? open(beat)
    // Each call has an entry of its own, whoever asks for the same function twice.
    const entry = () => run()
    waiting.add(entry)
    return () => void waiting.delete(entry)
  }
}

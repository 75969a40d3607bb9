// What the person at the terminal sees: one line per step of each part, with seconds.
// Lines only, no cursor tricks: the same in a terminal, in a pipe and in a CI log.

export interface PartProgress {
  say: (doing: string) => void
  ready: (detail: string) => void
}

export interface Progress {
  part: (name: string) => PartProgress
  note: (text: string) => void
  /** Ends the reminders about parts that are still at work. */
  close: () => void
}

const nameWidth = 10
const reminderEveryMs = 10_000
const reminderAfterMs = 5_000

export function makeProgress(print: (line: string) => void, now: () => number): Progress {
  const atWork = new Map<string, { doing: string; since: number }>()
  const seconds = (since: number) => `${((now() - since) / 1000).toFixed(1)} s`
  const line = (name: string, text: string) => print(`  ${name.padEnd(nameWidth)}  ${text}`)
  const reminder = setInterval(() => {
    for (const [name, { doing, since }] of atWork) {
      if (now() - since < reminderAfterMs) continue
      line(name, `still ${doing} (${seconds(since)})`)
    }
  }, reminderEveryMs)
  reminder.unref()
  return {
    part(name) {
      const since = now()
      return {
        say(doing) {
          atWork.set(name, { doing, since })
          line(name, doing)
        },
        ready(detail) {
          atWork.delete(name)
          line(name, `ready after ${seconds(since)}: ${detail}`)
        },
      }
    },
    note: print,
    close() {
      clearInterval(reminder)
      atWork.clear()
    },
  }
}

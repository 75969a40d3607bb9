// The messages that arrived: the newest in memory, each on disk before its sender hears of it.
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Message {
  id: string
  to: string[]
  from: string
  subject: string
  text: string
  html: string
  /** RFC 3339. */
  at: string
}

export interface Messages {
  add: (message: Message) => void
  /** Newest first; all of them, or those to one address in any case of letters. */
  list: (to?: string) => Message[]
}

export const messagesMax = 1_000

export function openMessages(folder: string): Messages {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'messages.jsonl')
  let kept = readMessages(file).slice(-messagesMax)
  let linesOnDisk = kept.length
  const rewrite = () => {
    writeFileSync(`${file}.draft`, kept.map(toLine).join(''), { mode: 0o600 })
    renameSync(`${file}.draft`, file)
    linesOnDisk = kept.length
  }
  return {
    add(message) {
      appendFileSync(file, toLine(message), { mode: 0o600 })
      linesOnDisk++
      kept = [...kept.slice(-messagesMax + 1), message]
      if (linesOnDisk > messagesMax * 2) rewrite()
    },
    list(to) {
      const wanted = to?.toLowerCase()
      const matching = kept.filter(
        (message) =>
          wanted === undefined || message.to.some((address) => address.toLowerCase() === wanted),
      )
      return matching.reverse()
    },
  }
}

const toLine = (message: Message) => `${JSON.stringify(message)}\n`

function readMessages(file: string): Message[] {
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Message]
    } catch {
      return [] // a line cut short by a kill: its sender never heard that it was accepted
    }
  })
}

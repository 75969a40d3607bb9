/** The answer to a WebSocket's handshake, as it stands on the wire. Pure. */
import type { OutgoingHttpHeaders } from 'node:http'

/** More than any notifier says. */
export const answerBytesMax = 16_384
const blankLine = '\r\n\r\n'

/** The head of an answer that is written by hand; `status` is the code and its words. */
export const answerHead = (status: string, headers: OutgoingHttpHeaders): string =>
  `HTTP/1.1 ${status}\r\n${linesOf(headers)}\r\n`

const linesOf = (headers: OutgoingHttpHeaders): string =>
  Object.entries(headers)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((one) => `${name}: ${one}\r\n`),
    )
    .join('')

export interface AnswerHead {
  status: number
  headers: Record<string, string>
  /** Where the head ends and the rest begins. */
  length: number
}

/** The head of an answer; undefined while it is not whole, `broken` when it can't become one. */
export const readAnswerHead = (bytes: Buffer): AnswerHead | 'broken' | undefined => {
  const end = bytes.indexOf(blankLine)
  if (end < 0) return bytes.length > answerBytesMax ? 'broken' : undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]
  if (status === undefined) return 'broken'
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(status), headers, length: end + blankLine.length }
}

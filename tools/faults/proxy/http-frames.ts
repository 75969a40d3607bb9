// HTTP/1.1 without pipelining, as far as faults need it: where an answer begins.
import type { Protocol } from './frame.ts'

const statusLine = /^HTTP\/1\.[01] \d{3}/
const requestLine = /^[A-Z]+ \S+/
const headBytes = 200

/** The first chunk of an answer is labelled with its status line, that of a request with method and target. */
export const httpFrames: Protocol = (direction) => {
  const first = direction === 'reply' ? statusLine : requestLine
  return {
    push(bytes) {
      const label = first.exec(bytes.toString('latin1', 0, headBytes))?.[0] ?? ''
      return [{ direction, label, bytes }]
    },
  }
}

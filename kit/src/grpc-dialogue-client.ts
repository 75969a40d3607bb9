/**
 * A dialogue on the client's side: a call that stays open, for who asks all the time. A message on
 * it costs a fraction of a call of its own. Answers belong to the requests in their order.
 */
import { type ClientDuplexStream, status } from '@grpc/grpc-js'

/**
 * Asked and not answered, those who no longer wait for it included. A server that has fallen so far
 * behind is not waited for: its dialogue is cancelled.
 */
const unansweredMax = 1_000
/** Timers count no further. */
const deadlineMsMax = 2_147_483_647

/** How long one who asks waits. */
interface Asking {
  deadlineMs: number
}

export interface Dialogue<Request, Response> {
  /**
   * One request. Rejects with an error whose `code` is a gRPC status: that of the dialogue when it
   * ended before the answer (UNAVAILABLE when the server ended it in peace), or DEADLINE_EXCEEDED.
   */
  ask(request: Request, asking: Asking): Promise<Response>
}

/** What became of a request that got no answer, as gRPC tells it. */
class Unanswered extends Error {
  override name = 'Unanswered'
  readonly code: status
  constructor(code: status, message: string) {
    super(message)
    this.code = code
  }
}

interface Asked<Response> {
  resolve(answer: Response): void
  reject(error: Error): void
}

/** One call, from its first request to its end. `onEnd`: nothing more can be asked on it. */
const openTalk = <Request, Response>(
  stream: ClientDuplexStream<Request, Response>,
  onEnd: () => void,
) => {
  let asked: Asked<Response>[] = []
  let error: Error = new Unanswered(status.UNAVAILABLE, 'the server ended the dialogue')

  const rejectAll = () => {
    const left = asked
    asked = []
    for (const { reject } of left) reject(error)
  }
  stream.on('data', (answer: Response) => asked.shift()?.resolve(answer))
  stream.on('error', (thrown: Error) => {
    error = thrown
  })
  // Answers that came before the status may still be unread: they are given until the end.
  stream.on('status', onEnd)
  stream.on('end', rejectAll)
  stream.on('close', () => {
    onEnd()
    rejectAll()
  })

  return {
    unanswered: () => asked.length,
    ask(request: Request, deadlineMs: number): Promise<Response> {
      const { promise, resolve, reject } = Promise.withResolvers<Response>()
      const late = () => reject(new Unanswered(status.DEADLINE_EXCEEDED, 'the deadline passed'))
      const timer = setTimeout(late, Math.min(deadlineMs, deadlineMsMax))
      // Who no longer waits keeps the place, so that a late answer is nobody else's.
      asked.push({
        resolve(answer) {
          clearTimeout(timer)
          resolve(answer)
        },
        reject(reason) {
          clearTimeout(timer)
          reject(reason)
        },
      })
      stream.write(request)
      return promise
    },
    cancel(reason: Error): void {
      onEnd()
      error = reason
      rejectAll()
      stream.cancel()
    },
  }
}

/** `open` begins a call: at the first request, and at the next one after a call has ended. */
export const makeDialogue = <Request, Response>(
  open: () => ClientDuplexStream<Request, Response>,
): Dialogue<Request, Response> & { close(): void } => {
  let current: ReturnType<typeof openTalk<Request, Response>> | undefined

  const begin = () => {
    const talk = openTalk(open(), () => {
      if (current === talk) current = undefined
    })
    current = talk
    return talk
  }
  return {
    async ask(request, { deadlineMs }) {
      if (current !== undefined && current.unanswered() >= unansweredMax) {
        const reason = `${unansweredMax} requests are unanswered`
        current.cancel(new Unanswered(status.RESOURCE_EXHAUSTED, reason))
      }
      return (current ?? begin()).ask(request, deadlineMs)
    },
    close() {
      current?.cancel(new Unanswered(status.CANCELLED, 'the client was closed'))
    },
  }
}

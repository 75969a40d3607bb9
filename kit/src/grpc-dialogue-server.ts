/**
 * A dialogue on the server's side: a call that stays open, on which every request gets one answer.
 * Requests are handled side by side; answers leave in the order of the requests.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { handle, type Method, type Outcome, type UnaryHandler } from './grpc-call.ts'

/** With so many unanswered, a dialogue is not read further: the rest waits with its sender. */
const unansweredMax = 128

/** A request in hand, until its answer is written. */
interface Taken {
  outcome?: Outcome
  leave(): void
}

/**
 * A request that is refused, or not answered within the service's bound, ends the dialogue with its
 * status when its turn comes. Once `stopping`, what was taken is answered, and the dialogue ends.
 */
export const dialogue =
  (handler: UnaryHandler, method: Method, stopping: AbortSignal) =>
  (call: ServerDuplexStream<Buffer, unknown>): void => {
    let unanswered: Taken[] = []
    let isReading = true
    let isOver = false

    const over = () => {
      const left = unanswered
      unanswered = []
      isOver = true
      stopping.removeEventListener('abort', takeNoMore)
      for (const { leave } of left) leave()
    }
    /** False when there is nothing to answer now. */
    const answerNext = (): boolean => {
      const outcome = unanswered[0]?.outcome
      if (outcome === undefined || call.writableNeedDrain) return false
      unanswered.shift()
      const [refusal, value] = outcome
      if (refusal === null) {
        call.write(value)
      } else {
        call.emit('error', refusal)
        over()
      }
      return true
    }
    const flush = () => {
      let isAnswering = true
      while (isAnswering) isAnswering = answerNext()
      if (isOver) return
      if (isReading && call.isPaused() && unanswered.length < unansweredMax) call.resume()
      if (isReading || unanswered.length > 0) return
      call.end()
      over()
    }
    const takeNoMore = () => {
      isReading = false
      call.pause()
      flush()
    }
    const take = (request: Buffer) => {
      const tell = (...outcome: Outcome) => {
        taken.outcome = outcome
        if (outcome[0] === null) flush()
        else takeNoMore()
      }
      const taken: Taken = { leave: handle({ handler, method, call, request, tell }) }
      unanswered.push(taken)
      if (unanswered.length >= unansweredMax) call.pause()
    }

    call.on('data', take)
    call.on('drain', flush)
    call.once('end', takeNoMore)
    call.once('cancelled', over)
    stopping.addEventListener('abort', takeNoMore)
    if (stopping.aborted) takeNoMore()
  }

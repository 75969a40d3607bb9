/**
 * Many questions of one event-loop turn become one call: a caller waits for the end of its own
 * turn and no longer, so nothing is delayed by a timer.
 */

interface Waiting<I, O> {
  item: I
  resolve: (answer: O) => void
  reject: (error: unknown) => void
}

/** More questions are open than the batch may hold; the caller uses its insurance. */
export class BatchFull extends Error {
  override name = 'BatchFull'
}

/**
 * Returns `ask(item)`. `run` gets at most `lengthMax` items and answers as many, in order; when it
 * rejects, every caller in that batch is rejected. At most `pendingMax` questions are open.
 */
export const makeTurnBatch = <I, O>(options: {
  lengthMax: number
  pendingMax: number
  run: (items: I[]) => Promise<O[]>
}): ((item: I) => Promise<O>) => {
  let waiting: Waiting<I, O>[] = []
  let pending = 0

  const settle = async (batch: Waiting<I, O>[]) => {
    try {
      const answers = await options.run(batch.map(({ item }) => item))
      if (answers.length !== batch.length) throw new Error('a batch got the wrong answer count')
      for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      pending -= batch.length
    }
  }

  const flush = () => {
    const turn = waiting
    waiting = []
    for (let from = 0; from < turn.length; from += options.lengthMax) {
      void settle(turn.slice(from, from + options.lengthMax))
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (pending >= options.pendingMax) {
        reject(new BatchFull(`${pending} questions are open`))
        return
      }
      pending += 1
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ item, resolve, reject })
    })
}

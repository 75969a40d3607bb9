/** The writer for a caller with a deadline. */
import { ledgerError } from '../errors.ts'
import type { Writer } from './writer.ts'

/**
 * What was not decided when the caller stopped waiting is not carried out: the caller takes it for
 * undone. A command decided in time may still commit after the deadline; its key tells.
 */
export const makeTimelyWriter = (writer: Writer, isLate: () => boolean): Writer => {
  const refuseLate = () => {
    if (isLate()) throw ledgerError('deadline_exceeded')
  }
  return {
    ...writer,
    async submit(command) {
      refuseLate()
      return writer.submit({
        ...command,
        decide: (state) => {
          refuseLate()
          return command.decide(state)
        },
      })
    },
  }
}

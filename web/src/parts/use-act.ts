/** A submit: one idempotency key for all its tries, quiet retries while the network hiccups. */
import { type UseMutationResult, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { makeAct } from '../api/act.ts'
import { isPassing } from '../api/problem.ts'

const quietRetriesMax = 2

/**
 * A mutation that may be repeated without harm: `run` gets the key of this act. Forget nothing on
 * failure, so that the person's own second press is the same act too.
 */
export const useAct = <B, R>(
  run: (body: B, key: string) => Promise<R>,
  onDone: (result: R, body: B) => void | Promise<void>,
): UseMutationResult<R, Error, B> => {
  const [act] = useState(() => makeAct(() => crypto.randomUUID()))
  return useMutation({
    mutationFn: (body: B) => run(body, act.keyFor(body)),
    retry: (failures, error) => isPassing(error) && failures < quietRetriesMax,
    onSuccess: async (result, body) => {
      act.done()
      await onDone(result, body)
    },
  })
}

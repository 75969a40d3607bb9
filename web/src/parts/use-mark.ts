/** Marks notifications; every tab and device hears of it, this one through its feed, too. */
import type { MarkStatus } from '@quits/proto/feed'
import { useMutation } from '@tanstack/react-query'
import type { Marked } from '../api/quits.ts'
import { useApp, useSignedIn } from '../app-context.ts'

export const useMark = () => {
  const { quits } = useApp()
  const { live } = useSignedIn()
  return useMutation({
    mutationFn: ({ marked, status }: { marked: Marked; status: MarkStatus }) =>
      quits.mark(marked, status),
    onSuccess: ({ counts }) => live.counted(counts),
  })
}

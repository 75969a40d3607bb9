/** Stops the bell for a person, a debt or a kind; what happens is still written into the news. */
import type { Mute } from '@quits/proto/feed'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '../api/keys.ts'
import { useApp } from '../app-context.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Outcome } from './states.tsx'

const labels: Record<Mute['type'], { off: string; on: string }> = {
  person: { off: t.mute.person, on: t.mute.unPerson },
  debt: { off: t.mute.debt, on: t.mute.unDebt },
  kind: { off: t.mute.kind, on: t.mute.unKind },
}

export const MuteButton = ({
  type,
  id,
  name = '',
}: {
  type: Mute['type']
  id: string
  /** Whom it is about, where it is somebody. */
  name?: string
}) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const known = useQuery({
    queryKey: keys.preferences,
    queryFn: ({ signal }) => quits.preferences(signal),
  })
  const isMuted = known.data?.mutes.some((mute) => mute.type === type && mute.id === id) === true
  const turn = useMutation({
    mutationFn: async (muted: boolean) => {
      // Read anew, so that what another device muted meanwhile stays muted.
      const { mutes } = await quits.preferences()
      const others = mutes.filter((mute) => mute.type !== type || mute.id !== id)
      return quits.setMutes(muted ? [...others, { type, id }] : others)
    },
    onSuccess: (preferences) => queries.setQueryData(keys.preferences, preferences),
  })
  if (known.data === undefined) return null
  const { mute } = t
  const { off, on } = labels[type]
  return (
    <>
      <Button look="bare" busy={turn.isPending} onClick={() => turn.mutate(!isMuted)}>
        {fill(isMuted ? on : off, { name })}
      </Button>
      <p role="status" className="text-small text-ink-2 empty:hidden">
        {isMuted && mute.text}
      </p>
      <Outcome error={turn.error} />
    </>
  )
}

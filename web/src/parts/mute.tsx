/** Stops the bell for a person or a debt; what happens is still written into the news. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '../api/keys.ts'
import { useApp } from '../app-context.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Outcome } from './states.tsx'

export const MuteButton = ({
  type,
  id,
  name,
}: {
  type: 'person' | 'debt'
  id: string
  name: string
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
  const label = type === 'person' ? [mute.person, mute.unPerson] : [mute.debt, mute.unDebt]
  return (
    <>
      <Button look="bare" busy={turn.isPending} onClick={() => turn.mutate(!isMuted)}>
        {fill(label[isMuted ? 1 : 0] ?? '', { name })}
      </Button>
      <p role="status" className="text-small text-ink-2 empty:hidden">
        {isMuted && mute.text}
      </p>
      <Outcome error={turn.error} />
    </>
  )
}

/** Blocks a person, asking once more, and lets them reach the reader again. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { keys } from '../api/keys.ts'
import type { Person } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Outcome } from './states.tsx'

export const BlockPerson = ({ person }: { person: Person }) => {
  const { quits } = useApp()
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const block = useMutation({
    mutationFn: (blocked: boolean) => quits.block(person.id, blocked),
    onSuccess: async () => {
      setAsking(false)
      await queries.invalidateQueries({ queryKey: keys.people })
    },
  })
  const values = { name: person.name }
  return (
    <div className="flex flex-col items-start gap-2">
      {person.blocked && <p>{fill(t.block.is, values)}</p>}
      <Button
        look="bare"
        aria-haspopup={person.blocked ? undefined : 'dialog'}
        busy={block.isPending}
        onClick={() => (person.blocked ? block.mutate(false) : setAsking(true))}
      >
        {fill(person.blocked ? t.block.lift : t.block.open, values)}
      </Button>
      {isAsking ? (
        <Dialog title={fill(t.block.title, values)} onClose={() => setAsking(false)}>
          <p className="text-ink-2">{fill(t.block.text, values)}</p>
          <Outcome error={block.error} />
          <div className="flex flex-wrap gap-3">
            <Button busy={block.isPending} onClick={() => block.mutate(true)}>
              {fill(t.block.submit, values)}
            </Button>
            <Button look="plain" onClick={() => setAsking(false)}>
              {t.block.keep}
            </Button>
          </div>
        </Dialog>
      ) : (
        <Outcome error={block.error} />
      )}
    </div>
  )
}

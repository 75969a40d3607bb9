/** Asks once more before something that waits is taken back. */
import type { ReactNode } from 'react'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Outcome } from './states.tsx'

export const TakeBack = ({
  name,
  what,
  busy,
  error,
  onTake,
  onClose,
}: {
  name: string
  what: ReactNode
  busy: boolean
  error: unknown
  onTake: () => void
  onClose: () => void
}) => (
  <Dialog title={t.life.takeBack} onClose={onClose}>
    <p className="money text-lead">{what}</p>
    <p className="text-ink-2">{fill(t.life.takeBackAsk, { name })}</p>
    <Outcome error={error} />
    <div className="flex flex-wrap gap-3">
      <Button busy={busy} onClick={onTake}>
        {t.life.takeBack}
      </Button>
      <Button look="plain" onClick={onClose}>
        {t.life.keep}
      </Button>
    </div>
  </Dialog>
)

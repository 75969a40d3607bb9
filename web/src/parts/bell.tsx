/** The bell counts what was not seen yet, and opens "What's new". */
import { useState } from 'react'
import { useLive } from '../app-context.ts'
import { choose, fill, t } from '../messages/say.ts'
import { BellIcon } from './icons.tsx'
import { News } from './news.tsx'
import { WhatsNew } from './whats-new.tsx'

const shownMax = 99

export const Bell = () => {
  const { counts, latest } = useLive()
  const [isOpen, setOpen] = useState(false)
  const { unseen } = counts
  const values = { count: String(unseen) }
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={
          unseen === 0 ? t.whatsNew.bell : fill(choose(t.whatsNew.bellCount, unseen), values)
        }
        onClick={() => setOpen(true)}
        className="relative grid size-11 place-items-center rounded-full hover:bg-card"
      >
        <BellIcon />
        {unseen > 0 && (
          <span
            key={unseen}
            aria-hidden="true"
            className="arrives money absolute -end-0.5 top-0 min-w-5 rounded-full bg-owe px-1.5 text-center text-small leading-5 font-semibold text-paper"
          >
            {unseen > shownMax ? `${shownMax}+` : unseen}
          </span>
        )}
      </button>
      <p className="sr-only" aria-live="polite">
        {latest !== undefined && unseen > 0 && (
          <>
            {`${fill(choose(t.whatsNew.arrived, unseen), values)}. `}
            <News notification={latest} />
          </>
        )}
      </p>
      {isOpen && <WhatsNew onClose={() => setOpen(false)} />}
    </>
  )
}

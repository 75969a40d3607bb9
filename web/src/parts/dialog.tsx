/** A native modal dialog: the browser keeps the focus inside, hears Escape and gives it back. */
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { t } from '../messages/say.ts'
import { CloseIcon } from './icons.tsx'

const places = {
  middle: 'm-auto w-[calc(100%-2rem)] max-w-md rounded-ledger max-h-[calc(100dvh-2rem)]',
  side: 'ms-auto me-0 my-0 h-dvh max-h-none w-full max-w-md border-y-0 border-e-0 ',
} as const

export const Dialog = ({
  title,
  place = 'middle',
  onClose,
  children,
}: {
  title: string
  place?: keyof typeof places
  onClose: () => void
  children: ReactNode
}) => {
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = ref.current
    if (dialog === null) return undefined
    if (!dialog.open) dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      onPointerDown={(event) => {
        // The dialog fills its own box, so a press that lands on it lands on the backdrop.
        if (event.target === ref.current) ref.current?.close()
      }}
      className={`border border-hairline bg-paper text-ink ${places[place]}`}
    >
      <div className="flex min-h-full flex-col gap-4 p-5">
        <div className="flex items-center justify-between gap-4">
          <h2 id={id} className="text-lead">
            {title}
          </h2>
          <button
            type="button"
            aria-label={t.whatsNew.close}
            onClick={() => ref.current?.close()}
            className="-me-2 grid size-11 place-items-center rounded-full hover:bg-card"
          >
            <CloseIcon />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  )
}

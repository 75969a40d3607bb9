/** A page: one heading, which takes the focus when the page is reached by a move in the app. */
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { t } from '../messages/say.ts'

/** The first page of a visit leaves the focus where the browser puts it. */
let isFirstPage = true

export const Page = ({
  title,
  children,
  narrow = false,
  quiet = false,
}: {
  title: string
  children: ReactNode
  narrow?: boolean
  /** The heading is for those who listen; the page's first lines speak for themselves. */
  quiet?: boolean
}) => {
  const ref = useRef<HTMLHeadingElement>(null)
  // Before the effects of what is inside, which may know a better place for the focus.
  useLayoutEffect(() => {
    if (!isFirstPage) ref.current?.focus()
    isFirstPage = false
  }, [])
  return (
    <div className={`mx-auto flex w-full flex-col gap-6 ${narrow ? 'max-w-lg' : 'max-w-5xl'}`}>
      <title>{`${title} · ${t.name}`}</title>
      <h1 ref={ref} tabIndex={-1} className={quiet ? 'sr-only' : 'text-title'}>
        {title}
      </h1>
      {children}
    </div>
  )
}

export const Card = ({
  children,
  className = '',
  label,
}: {
  children: ReactNode
  className?: string
  label?: string
}) => (
  <section
    aria-label={label}
    className={`rounded-ledger border border-hairline bg-card p-5 shadow-card ${className}`}
  >
    {children}
  </section>
)

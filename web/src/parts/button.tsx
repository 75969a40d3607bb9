import type { ComponentProps } from 'react'

const base =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-ledger py-2 text-base ' +
  'font-medium transition-colors disabled:opacity-60 disabled:cursor-not-allowed ' +
  'aria-disabled:opacity-60'

const looks = {
  /** One per view: what the person came to do. */
  main: 'px-5 bg-brand text-on-brand hover:bg-brand-hover',
  plain: 'px-5 border border-edge bg-card text-ink hover:border-ink',
  bare: 'text-brand underline underline-offset-4 decoration-1 hover:decoration-2',
} as const

export type ButtonLook = keyof typeof looks

/** The classes of a button, for links that look like one. */
export const buttonClass = (look: ButtonLook): string => `${base} ${looks[look]}`

type ButtonProps = ComponentProps<'button'> & { look?: ButtonLook; busy?: boolean }

/** A busy button keeps its focus and ignores presses. */
export const Button = ({
  look = 'main',
  busy = false,
  className = '',
  type = 'button',
  onClick,
  ...rest
}: ButtonProps) => (
  <button
    {...rest}
    type={type}
    aria-disabled={busy || undefined}
    onClick={(event) => {
      if (busy) event.preventDefault()
      else onClick?.(event)
    }}
    className={`${base} ${looks[look]} ${className}`}
  />
)

/** What a list shows: a row of links that scrolls sideways where it is narrow. */
import { Link } from 'wouter'

export const Shows = ({
  label,
  current,
  options,
}: {
  label: string
  current: string
  options: readonly { name: string; label: string; href: string }[]
}) => (
  <nav aria-label={label} className="-mx-1 flex gap-2 overflow-x-auto px-1 py-1">
    {options.map((option) => (
      <Link
        key={option.name}
        href={option.href}
        aria-current={option.name === current ? 'true' : undefined}
        className={
          'flex min-h-11 shrink-0 items-center rounded-full border border-edge px-4 ' +
          'hover:border-ink aria-[current=true]:border-brand aria-[current=true]:bg-brand ' +
          'aria-[current=true]:text-on-brand'
        }
      >
        {option.label}
      </Link>
    ))}
  </nav>
)

/** The mark: two equal bars, an equals sign that two people wrote. Struck through once at zero. */
export const Mark = ({
  struck = false,
  className = '',
}: {
  struck?: boolean
  className?: string
}) => (
  <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false" className={className}>
    <rect width="32" height="32" rx="8" className="fill-brand" />
    <rect x="7" y="9.5" width="18" height="4.5" rx="2.25" className="fill-on-brand" />
    <rect x="7" y="18" width="18" height="4.5" rx="2.25" className="fill-on-brand" />
    {struck && (
      <path d="M8 25 24 7" className="stroke-on-brand" strokeWidth="2.5" strokeLinecap="round" />
    )}
  </svg>
)

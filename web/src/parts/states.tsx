/** Loading, failed, and what a form says after its submit. */
import type { ReactNode } from 'react'
import { sayError, t } from '../messages/say.ts'
import { Button } from './button.tsx'

/** Says so only after a moment, as most answers are quicker than a reader. */
export const Loading = () => (
  <p role="status" className="py-8 text-center text-ink-2">
    {t.loading}
  </p>
)

export const Failed = ({ error, retry }: { error: unknown; retry: () => void }) => (
  <div role="alert" className="flex flex-col items-start gap-3 rounded-ledger bg-owe-tint p-5">
    <p className="text-ink">{sayError(error)}</p>
    <Button look="plain" onClick={retry}>
      {t.retry}
    </Button>
  </div>
)

/** Where a form says what became of the money. */
export const Outcome = ({ error, children }: { error?: unknown; children?: ReactNode }) => (
  <div role="alert" className="empty:hidden">
    {error !== undefined && error !== null && (
      <p className="rounded-ledger bg-owe-tint px-4 py-3 text-ink">{sayError(error)}</p>
    )}
    {children}
  </div>
)

export const Chip = ({ children, waits = false }: { children: ReactNode; waits?: boolean }) => (
  <span
    className={`inline-flex items-center gap-1.5 rounded-ledger px-2.5 py-0.5 text-small [&>svg]:shrink-0 ${
      waits ? 'bg-waiting-tint text-waiting' : 'border border-hairline text-ink-2'
    }`}
  >
    {children}
  </span>
)

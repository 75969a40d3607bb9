/** The frame of the pages before anybody is signed in. */
import type { ReactNode } from 'react'
import { t } from '../messages/say.ts'
import { Mark } from './mark.tsx'
import { Page } from './page.tsx'

/** What this is, for who is here for the first time. */
export const Masthead = () => (
  <div className="flex items-center gap-4">
    <Mark className="size-14 shrink-0" />
    <div>
      <p className="font-figure text-title font-semibold tracking-tight">{t.name}</p>
      <p className="text-small text-ink-2">{t.tagline}</p>
    </div>
  </div>
)

export const AuthCard = ({ title, children }: { title: string; children: ReactNode }) => (
  <main
    id="main"
    className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-8 px-5 py-10"
  >
    <Masthead />
    <div className="rounded-ledger border border-hairline bg-card p-6 shadow-card">
      <Page title={title}>{children}</Page>
    </div>
  </main>
)

/** The frame of every signed-in page: header, main, and on a phone the bar at the bottom. */
import type { ReactNode } from 'react'
import { Link, useRoute } from 'wouter'
import { t } from '../messages/say.ts'
import { Bell } from './bell.tsx'
import { buttonClass } from './button.tsx'
import { Connection } from './connection.tsx'
import { CutShort } from './cut-short.tsx'
import { BookIcon, HomeIcon, PenIcon } from './icons.tsx'
import { Mark } from './mark.tsx'
import { ProfileMenu } from './profile-menu.tsx'

const NavLink = ({ href, icon, label }: { href: string; icon: ReactNode; label: string }) => {
  const [here] = useRoute(href)
  return (
    <Link
      href={href}
      aria-current={here ? 'page' : undefined}
      className={
        'flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 rounded-ledger px-1 ' +
        'text-small whitespace-nowrap text-ink-2 hover:text-ink aria-[current=page]:font-semibold ' +
        'aria-[current=page]:text-brand wide:min-h-11 wide:flex-none wide:flex-row wide:gap-2 ' +
        'wide:px-3 wide:text-base'
      }
    >
      {icon}
      {label}
    </Link>
  )
}

const Links = () => (
  <>
    <NavLink href="/" icon={<HomeIcon />} label={t.nav.home} />
    <NavLink href="/debts" icon={<BookIcon />} label={t.nav.debts} />
  </>
)

export const Shell = ({ children }: { children: ReactNode }) => (
  <div className="flex min-h-dvh flex-col">
    <a
      href="#main"
      className={`${buttonClass('main')} sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-20 focus:px-5! focus:py-2!`}
    >
      {t.skip}
    </a>
    <header className="sticky top-0 z-10 border-b border-hairline bg-paper">
      <div className="mx-auto flex h-16 max-w-6xl items-center gap-2 px-4 wide:gap-6 wide:px-8">
        <Link
          href="/"
          className="flex min-h-11 items-center gap-3 rounded-ledger font-figure text-lead font-semibold"
        >
          <Mark className="size-8" />
          {t.name}
        </Link>
        <nav aria-label={t.nav.label} className="hidden gap-2 wide:flex">
          <Links />
        </nav>
        <div className="ms-auto flex items-center gap-1">
          <Link href="/write" className={`${buttonClass('main')} me-2 hidden! wide:inline-flex!`}>
            <PenIcon className="size-5" />
            {t.nav.write}
          </Link>
          <Bell />
          <ProfileMenu />
        </div>
      </div>
      <Connection />
      <CutShort />
    </header>
    <main
      id="main"
      tabIndex={-1}
      className="flex-1 px-4 pt-6 pb-28 outline-none wide:px-8 wide:pt-10"
    >
      {children}
    </main>
    <nav
      aria-label={t.nav.label}
      className="fixed inset-x-0 bottom-0 z-10 flex border-t border-hairline bg-card px-2 pb-[env(safe-area-inset-bottom)] wide:hidden"
    >
      <Links />
      <NavLink href="/write" icon={<PenIcon />} label={t.nav.write} />
    </nav>
  </div>
)

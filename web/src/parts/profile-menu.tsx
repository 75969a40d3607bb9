/** Who is signed in, and the way out: a native popover, closed by Escape or a press elsewhere. */
import { useMutation } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { codeOf } from '../api/problem.ts'
import { useApp, useSignedIn } from '../app-context.ts'
import { fill, t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { PersonIcon } from './icons.tsx'
import { Outcome } from './states.tsx'

export const ProfileMenu = () => {
  const { quits, session } = useApp()
  const { user } = useSignedIn()
  const [, navigate] = useLocation()
  const signOut = useMutation({
    mutationFn: () => quits.logOut(),
    onSettled: (_, error) => {
      if (error !== null && codeOf(error) !== 'unauthenticated') return
      session.close()
      navigate('/sign-in', { replace: true })
    },
  })
  return (
    <>
      <button
        type="button"
        popoverTarget="profile"
        aria-label={fill(t.nav.profileOf, { name: user.name })}
        className="grid size-11 place-items-center rounded-full hover:bg-card"
      >
        <PersonIcon />
      </button>
      <div
        id="profile"
        popover="auto"
        className="inset-auto end-4 top-16 m-0 w-72 rounded-ledger border border-hairline bg-card p-5 text-ink shadow-card wide:end-8"
      >
        <p className="font-semibold">{user.name}</p>
        <p className="mb-4 text-small break-all text-ink-2">{user.email}</p>
        <Outcome error={signOut.error} />
        <Button
          look="plain"
          className="w-full"
          busy={signOut.isPending}
          onClick={() => signOut.mutate()}
        >
          {t.nav.signOut}
        </Button>
      </div>
    </>
  )
}

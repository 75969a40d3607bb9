/** Which app a visitor meets: the signed-in one, the door, or an honest "cannot be reached". */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { Route, Switch } from 'wouter'
import { isPassing } from './api/problem.ts'
import { type AppParts, AppProvider, useApp } from './app-context.ts'
import { recall, remember } from './browser.ts'
import { t } from './messages/say.ts'
import { Code } from './pages/code.tsx'
import { InvitationPage } from './pages/invitation.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { SignUp } from './pages/sign-up.tsx'
import { AuthCard } from './parts/auth-card.tsx'
import { Boundary } from './parts/boundary.tsx'
import { Button } from './parts/button.tsx'
import { SignedIn } from './signed-in.tsx'

const quietRetriesMax = 3
/** Turning back and forth between pages reads nothing again. */
const restMs = 10_000

/** Kept answers are fresh until the feed says otherwise; a new person gets a new client. */
const makeQueries = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        // What I did on another device and nobody else learns of (put away, a category, an
        // allowance, a block) comes with no event: it is read when I turn to this page again.
        refetchOnWindowFocus: ({ state }) =>
          Date.now() - state.dataUpdatedAt > restMs ? 'always' : false,
        refetchOnReconnect: ({ state }) => (state.status === 'error' ? 'always' : true),
        networkMode: 'always',
        retry: (failures, error) => isPassing(error) && failures < quietRetriesMax,
      },
      mutations: { networkMode: 'always' },
    },
  })

/** Whoever was signed in here before meets "Welcome back", a newcomer the start. */
const Door = () => (
  <Switch>
    <Route path="/sign-up">
      <SignUp />
    </Route>
    <Route path="/sign-in">
      <SignIn />
    </Route>
    <Route path="/code">
      <Code />
    </Route>
    <Route path="/invitations/:token">
      {({ token }) => <InvitationPage key={token} token={token} isSignedIn={false} />}
    </Route>
    <Route>{recall('known') === undefined ? <SignUp /> : <SignIn />}</Route>
  </Switch>
)

const Unreachable = () => {
  const { session } = useApp()
  return (
    <AuthCard title={t.unreachable.title}>
      <p className="text-ink-2">{t.unreachable.text}</p>
      <Button onClick={() => void session.start()}>{t.retry}</Button>
    </AuthCard>
  )
}

const OfOnePerson = ({ user }: { user: { id: string; name: string; email: string } }) => {
  const [queries] = useState(() => {
    remember('known', '1')
    return makeQueries()
  })
  return (
    <QueryClientProvider client={queries}>
      <SignedIn user={user} />
    </QueryClientProvider>
  )
}

/** Blank for the eye: the first answer is quicker than a reader. */
const Starting = () => (
  <main id="main">
    <h1 className="sr-only">{t.name}</h1>
    <p role="status" className="sr-only">
      {t.loading}
    </p>
  </main>
)

const Visitor = () => {
  const { session } = useApp()
  const [doorQueries] = useState(makeQueries)
  const state = useSyncExternalStore(session.subscribe, session.state)
  if (state.status === 'in') return <OfOnePerson key={state.user.id} user={state.user} />
  if (state.status === 'unreachable') return <Unreachable />
  if (state.status === 'starting') return <Starting />
  return (
    <QueryClientProvider client={doorQueries}>
      <Door />
    </QueryClientProvider>
  )
}

export const App = ({ parts }: { parts: AppParts }) => (
  <AppProvider value={parts}>
    <Boundary>
      <Visitor />
    </Boundary>
  </AppProvider>
)

/** The app of one signed-in person: their live feed runs as long as this is on the screen. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import type { User } from './api/shapes.ts'
import { SignedInProvider, useApp } from './app-context.ts'
import {
  callLater,
  canShare,
  deviceName,
  openFeedSocket,
  openTabChannel,
  runAlone,
  sleep,
} from './browser.ts'
import { makeCursors } from './feed/cursor.ts'
import { type FeedListener, makeFeed } from './feed/feed.ts'
import { makeSharedFeed } from './feed/shared.ts'
import { makeLive } from './live.ts'
import { DebtPage } from './pages/debt.tsx'
import { Debts } from './pages/debts.tsx'
import { Home } from './pages/home.tsx'
import { InvitationPage } from './pages/invitation.tsx'
import { Lost } from './pages/lost.tsx'
import { AllNews } from './pages/news.tsx'
import { PersonPage } from './pages/person.tsx'
import { readReturn } from './pages/return-to.ts'
import { WriteDown } from './pages/write-down.tsx'
import { Shell } from './parts/shell.tsx'

const Pages = () => (
  <Switch>
    <Route path="/">
      <Home />
    </Route>
    <Route path="/debts">
      <Debts />
    </Route>
    <Route path="/debts/:id">{({ id }) => <DebtPage key={id} id={id} />}</Route>
    <Route path="/news">
      <AllNews />
    </Route>
    <Route path="/people/:id">{({ id }) => <PersonPage key={id} id={id} />}</Route>
    <Route path="/invitations/:token">
      {({ token }) => <InvitationPage key={token} token={token} isSignedIn />}
    </Route>
    <Route path="/write">
      <WriteDown />
    </Route>
    {['/sign-in', '/sign-up', '/code'].map((path) => (
      <Route key={path} path={path}>
        <Redirect to={readReturn()} replace />
      </Route>
    ))}
    <Route>
      <Lost />
    </Route>
  </Switch>
)

export const SignedIn = ({ user }: { user: User }) => {
  const { quits, session } = useApp()
  const queries = useQueryClient()
  const [live] = useState(() => makeLive(queries, { now: Date.now, later: callLater }))

  useEffect(() => {
    const stop = new AbortController()
    const makeOwn = (listener: FeedListener) =>
      makeFeed(
        {
          openSocket: openFeedSocket,
          async ticket({ fresh }) {
            if (fresh) await session.token({ fresh: true })
            return (await quits.feedTicket()).ticket
          },
          tokenEndsAtMs: session.expiresAtMs,
          cursors: makeCursors(localStorage, user.id),
          device: deviceName(),
          now: Date.now,
          random: Math.random,
          sleep,
        },
        listener,
      )
    // The number rises with the words of the tabs: one that was open all along speaks the former ones.
    const name = `quits-feed-2-${user.id}`
    const shared = {
      alone: (run: () => Promise<void>, signal: AbortSignal) => runAlone(name, run, signal),
      openChannel: () => openTabChannel(name),
      makeFeed: makeOwn,
    }
    const feed = canShare() ? makeSharedFeed(shared, live) : makeOwn(live)
    void feed.run(stop.signal)
    return () => stop.abort()
  }, [live, quits, session, user.id])

  return (
    <SignedInProvider value={{ user, live }}>
      <Shell>
        <Pages />
      </Shell>
    </SignedInProvider>
  )
}

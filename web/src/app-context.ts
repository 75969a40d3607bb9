/** What every page may reach: the calls, the session, the live state. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Quits } from './api/quits.ts'
import type { Session } from './api/session.ts'
import type { User } from './api/shapes.ts'
import type { Live, LiveState } from './live.ts'

export interface AppParts {
  quits: Quits
  session: Session
}

const AppContext = createContext<AppParts | undefined>(undefined)
const SignedInContext = createContext<{ user: User; live: Live } | undefined>(undefined)

export const AppProvider = AppContext.Provider
export const SignedInProvider = SignedInContext.Provider

const assertGiven = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`${what} is used outside its provider`)
  return value
}

export const useApp = (): AppParts => assertGiven(useContext(AppContext), 'useApp')

/** The signed-in person and their live feed. */
export const useSignedIn = (): { user: User; live: Live } =>
  assertGiven(useContext(SignedInContext), 'useSignedIn')

export const useLive = (): LiveState => {
  const { live } = useSignedIn()
  return useSyncExternalStore(live.subscribe, live.state)
}

/** Which mail a request for a code leads to. A rule; that there is none must show nowhere. */
import type { Addressee } from './user-store.ts'

/** What somebody typed who signs up. */
export interface SignUp {
  name: string
  locale: string
  passwordHash: string | null
}

export interface Letter {
  /** `none`: nobody is written to, because nobody here has the address. */
  template: 'code' | 'account-exists' | 'none'
  /** Words a stranger typed are never mailed to an address they may not own: then it is empty. */
  name: string
  locale: string
  /** What counts when this very request is verified. */
  signUp: SignUp | undefined
}

const fallbackLocale = 'en'

export const letterOf = (asked: SignUp | undefined, found: Addressee | undefined): Letter => {
  const account = found?.userId !== undefined && found.userId !== null
  if (found !== undefined && account) {
    const template = asked === undefined ? 'code' : 'account-exists'
    return { template, name: found.name, locale: found.locale, signUp: undefined }
  }
  if (asked !== undefined) {
    return { template: 'code', name: '', locale: asked.locale, signUp: asked }
  }
  if (found === undefined) {
    return { template: 'none', name: '', locale: fallbackLocale, signUp: undefined }
  }
  // A second code for an open sign-up: its name goes on, its password does not.
  const signUp = { name: found.name, locale: found.locale, passwordHash: null }
  return { template: 'code', name: '', locale: found.locale, signUp }
}

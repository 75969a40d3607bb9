/**
 * The sentences of our mails by language. `en` is complete and the fallback; another language is
 * one more entry of the same type. Write without digits above the code: mail programs offer the
 * first number they find.
 */
export interface Sentences {
  language: string
  direction: 'ltr' | 'rtl'
  /** Without a name when the person's own is not fit to be printed. */
  greeting: (name: string | undefined) => string
  code: {
    subject: (code: string) => string
    preheader: (code: string) => string
    lead: string
    lifetime: (minutes: number) => string
    ignore: string
  }
  accountExists: { subject: string; preheader: string; paragraphs: string[] }
  /** `who` is undefined when the name is not fit to be printed. */
  invitation: {
    subject: (who: string | undefined, amount: string) => string
    preheader: string
    lead: (who: string | undefined, amount: string) => string
    button: string
    expires: (days: number) => string
    ignore: string
  }
  /** Who wrote, at the foot. */
  signature: string
}

const en: Sentences = {
  language: 'en',
  direction: 'ltr',
  greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
  code: {
    subject: (code) => `${code} is your Quits code`,
    preheader: (code) => `${code} is the code you asked for.`,
    lead: 'Here is your code for Quits:',
    lifetime: (minutes) =>
      `It works once, for ${minutes === 1 ? '1 minute' : `${minutes} minutes`}.`,
    ignore: 'If you did not ask for this, ignore it. Nobody can sign in without the code.',
  },
  accountExists: {
    subject: 'You already have a Quits account',
    preheader: 'Nothing has changed. You can sign in with a code.',
    paragraphs: [
      'Somebody, perhaps you, tried to sign up for Quits with this address.',
      'You already have an account here. To open it, choose "Sign in" and ask for a code.',
      'If it was not you, ignore this. Nothing has changed.',
    ],
  },
  invitation: {
    subject: (who, amount) => `${who ?? 'Somebody'} wrote down ${amount} with you`,
    preheader: 'Look at it without an account, and answer when you like.',
    lead: (who, amount) =>
      `${who ?? 'Somebody'} keeps a debt of ${amount} with you on Quits and asks whether it is right.`,
    button: 'Look at it',
    expires: (days) => `The link works for ${days === 1 ? '1 day' : `${days} days`}, once.`,
    ignore: 'If you do not know what this is about, ignore it. Nothing counts without your answer.',
  },
  signature: 'Quits keeps track of who owes whom, and why.',
}

const catalogue = new Map<string, Sentences>([[en.language, en]])

/** By the whole locale, then its language, then English. */
export const sentencesFor = (locale: string): Sentences => {
  const wanted = locale.toLowerCase()
  const [language = ''] = wanted.split(/[-_]/)
  return catalogue.get(wanted) ?? catalogue.get(language) ?? en
}

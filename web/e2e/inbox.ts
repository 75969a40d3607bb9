/** Reads mail the way a person does: in the inbox. */
import { setTimeout as delay } from 'node:timers/promises'
import { inbox } from './stack.ts'

const looksMax = 200
const lookEveryMs = 100

/** What `pattern` finds in the newest mail to `email`; asks the inbox until there is one. */
export const inMailTo = async (
  email: string,
  pattern: RegExp,
  olderThan = 0,
): Promise<{ text: string; found: string }> => {
  const url = new URL('/api/messages', inbox())
  url.searchParams.set('to', email)
  for (let look = 0; look < looksMax; look += 1) {
    const mails = (await (await fetch(url)).json()) as { text: string }[]
    const text = mails.length > olderThan ? (mails[0]?.text ?? '') : ''
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) return { text, found }
    await delay(lookEveryMs)
  }
  throw new Error(`no mail with ${pattern} came to ${email}`)
}

/** The eight digits of the newest mail to `email`. */
export const codeFor = async (email: string, olderThan = 0): Promise<string> =>
  (await inMailTo(email, /^\d{8}$/m, olderThan)).found

/** Reads a sign-in code the way a person does: in the mail. */
import { setTimeout as delay } from 'node:timers/promises'
import { inbox } from './stack.ts'

const looksMax = 200
const lookEveryMs = 100

/** The eight digits of the newest mail to `email`; asks the inbox until there is one. */
export const codeFor = async (email: string, olderThan = 0): Promise<string> => {
  const url = new URL('/api/messages', inbox())
  url.searchParams.set('to', email)
  for (let look = 0; look < looksMax; look += 1) {
    const mails = (await (await fetch(url)).json()) as { text: string }[]
    const code = /^\d{8}$/m.exec(mails.length > olderThan ? (mails[0]?.text ?? '') : '')?.[0]
    if (code !== undefined) return code
    await delay(lookEveryMs)
  }
  throw new Error(`no code came to ${email}`)
}

/** The code that was asked for: kept for this tab only, as only its asker may enter it. */
export interface WaitingCode {
  email: string
  nonce: string
}

const name = 'quits.code'

export const keepWaitingCode = (waiting: WaitingCode): void =>
  sessionStorage.setItem(name, JSON.stringify(waiting))

export const forgetWaitingCode = (): void => sessionStorage.removeItem(name)

export const readWaitingCode = (): WaitingCode | undefined => {
  try {
    const value = JSON.parse(sessionStorage.getItem(name) ?? 'null') as Partial<WaitingCode> | null
    if (typeof value?.email !== 'string' || typeof value.nonce !== 'string') return undefined
    return { email: value.email, nonce: value.nonce }
  } catch {
    return undefined
  }
}

/** Where the stack under test is: told by the set-up of the `e2e` project. */
const given = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

export const frontDoor = (): string => given('QUITS_URL')
export const inbox = (): string => given('QUITS_INBOX')
export const browserPath = (): string => given('CHROMIUM')

/** An address nobody used before, so that tests may share a stack. */
export const freshEmail = (name: string): string =>
  `${name}-${crypto.randomUUID().slice(0, 8)}@example.test`

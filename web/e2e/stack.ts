/** Where the stack under test is: told by the set-up of the `e2e` project. */
import { readFileSync } from 'node:fs'

const given = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

export const frontDoor = (): string => given('QUITS_URL')
export const inbox = (): string => given('QUITS_INBOX')
export const browserPath = (): string => given('CHROMIUM')

/** Kills a service of the stack under test as hard as can be; its launcher starts it again. */
export const killService = (name: string): void => {
  const { children } = JSON.parse(readFileSync(given('QUITS_PIDS'), 'utf8')) as {
    children: { name: string; pid: number }[]
  }
  const running = children.filter((child) => child.name === name)
  if (running.length === 0) throw new Error(`no ${name} runs`)
  for (const { pid } of running) process.kill(pid, 'SIGKILL')
}

/** An address nobody used before, so that tests may share a stack. */
export const freshEmail = (name: string): string =>
  `${name}-${crypto.randomUUID().slice(0, 8)}@example.test`

import { expect, test } from 'vitest'
import { makeLog, redactedNames } from './log.ts'

const canary = 'canary-7f3a'

const linesOf = (act: (log: ReturnType<typeof makeLog>) => void) => {
  const lines: string[] = []
  act(makeLog({ service: 'test', level: 'info' }, { write: (line) => void lines.push(line) }))
  return lines.join('')
}

test('secrets under a known name never reach the log, at any of three depths', () => {
  for (const name of redactedNames) {
    const text = linesOf((log) => {
      log.info({ [name]: canary }, 'top')
      log.info({ body: { [name]: canary } }, 'one down')
      log.info({ request: { body: { [name]: canary } } }, 'two down')
    })
    expect(text).not.toContain(canary)
    expect(text.match(/\[redacted\]/g)).toHaveLength(3)
  }
})

test('the check can fail: an unknown name is shown', () => {
  expect(linesOf((log) => log.info({ debtId: canary }, 'plain'))).toContain(canary)
})

test('an error keeps its message and code but no connection string', () => {
  const error = Object.assign(new Error(`no route to postgres://quits:${canary}@db/quits`), {
    code: 'ECONNREFUSED',
    config: { password: canary },
  })
  const text = linesOf((log) => log.error({ err: error }, 'connect failed'))
  expect(text).toContain('ECONNREFUSED')
  expect(text).not.toContain(canary)
})

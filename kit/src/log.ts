/**
 * JSON logs on stdout. Secrets are kept out by design: call sites log ids and counts, and what
 * slips through under a known name is replaced here.
 */
import { pino } from 'pino'

/** Names whose values never reach a log, at the top level and one level down. */
export const redactedNames = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'ticket',
  'code',
  'nonce',
  'email',
  'address',
  'authorization',
  'cookie',
  'secret',
  'sealed',
  'url',
] as const

export type Log = ReturnType<typeof makeLog>

/** A logger of one service. `destination` is for tests; it defaults to stdout. */
export const makeLog = (
  options: { service: string; level: string },
  destination?: { write(line: string): void },
) => {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: errorFields },
    redact: {
      paths: redactedNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  }
  return destination === undefined ? pino(settings) : pino(settings, destination)
}

/** An error as fields: drivers hang connection strings and rows on theirs, which stay out. */
const errorFields = (error: unknown) => {
  if (!(error instanceof Error)) return { message: 'a thrown value that is no error' }
  const code = 'code' in error ? String(error.code) : undefined
  const message = error.message.replaceAll(/\b\w+:\/\/[^\s@]*@/g, '[redacted]@')
  return {
    type: error.name,
    message,
    errorCode: code,
    stack: error.stack?.split('\n').slice(1, 6).join('\n'),
  }
}

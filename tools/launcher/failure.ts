// A start that failed, told so that a person can act: the part, the reason, the command, the last
// lines of its log and the variable that goes around it.
import type { Child } from './child.ts'

export class StartFailure extends Error {
  override name = 'StartFailure'
}

const logLinesShown = 12

export interface FailureFacts {
  part: string
  reason: string
  child?: Child | undefined
  variable?: string
}

export function startFailure({ part, reason, child, variable }: FailureFacts): StartFailure {
  const lines = [`${part} did not start: ${reason}`]
  if (child !== undefined) {
    lines.push(`  command: ${child.commandLine}`)
    const last = child.lastLines(logLinesShown)
    if (last.length > 0) lines.push('  its last log lines:', ...last.map((line) => `    ${line}`))
  }
  if (variable !== undefined) {
    lines.push(
      `  Set ${variable} to use a server of your own; npm run doctor says what is missing.`,
    )
  }
  return new StartFailure(lines.join('\n'))
}

/** The first line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

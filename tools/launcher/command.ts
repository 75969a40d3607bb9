// Runs a program to its end and returns what it printed.
import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface CommandOptions {
  cwd?: string
  env?: Record<string, string>
  timeoutMs?: number
  input?: string
}

const outputBytesMax = 20_000_000
const defaultTimeoutMs = 300_000
// Generous: the first start of a program on a busy machine reads it from a cold disk.
const askMsMax = 15_000

/** Rejects with the command and its last lines when it fails or takes too long. */
export function runCommand(
  command: string,
  args: string[],
  { cwd, env, timeoutMs = defaultTimeoutMs }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: outputBytesMax,
      ...(cwd === undefined ? {} : { cwd }),
    }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join('\n')
      const shown = [command, ...args].join(' ').slice(0, 300)
      reject(new Error(`${shown}\n${lines || error.message}`))
    })
  })
}

/** The output of a quick question to a program, or `undefined` when it cannot answer. */
export async function askCommand(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string | undefined> {
  try {
    return await runCommand(command, args, { env, timeoutMs: askMsMax })
  } catch {
    return undefined
  }
}

/** The full path of a program on PATH or in one of the extra folders. */
export function findProgram(name: string, extraFolders: string[] = []): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...extraFolders]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

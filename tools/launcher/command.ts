// Runs a program to its end and returns what it printed.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface CommandOptions {
  cwd?: string
  env?: Record<string, string>
  timeoutMs?: number
}

const outputBytesMax = 20_000_000
const defaultTimeoutMs = 300_000
// Generous: the first start of a program on a busy machine reads it from a cold disk.
const askMsMax = 15_000
const linesShown = 8

const running = new Set<ChildProcess>()
let mark: Record<string, string> = {}

/** Puts a variable into every later command's environment, by which a next start knows it. */
export function markCommands(variables: Record<string, string>): void {
  mark = variables
}

/** Kills every command that still runs, with what it started: a stop does not wait for them. */
export function endCommands(): void {
  for (const child of running) killGroup(child)
}

/** Rejects with the command and its last lines when it fails or takes too long. */
export function runCommand(
  command: string,
  args: string[],
  { cwd, env, timeoutMs = defaultTimeoutMs }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env, ...mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own: it is ended with all it started
      ...(cwd === undefined ? {} : { cwd }),
    })
    running.add(child)
    const printed = { out: '', all: '' }
    const keep = (text: string) => {
      printed.all = (printed.all + text).slice(-outputBytesMax)
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed.out = (printed.out + text).slice(-outputBytesMax)
      keep(text)
    })
    child.stderr.setEncoding('utf8').on('data', keep)
    let late = false
    const timer = setTimeout(() => {
      late = true
      killGroup(child)
    }, timeoutMs)
    const finish = (problem: string | undefined) => {
      clearTimeout(timer)
      running.delete(child)
      if (problem === undefined) return resolve(printed.out)
      const shown = [command, ...args].join(' ').slice(0, 300)
      const last = printed.all.trim().split('\n').slice(-linesShown).join('\n')
      reject(new Error(`${shown}: ${problem}\n${last}`.trim()))
    }
    child.once('error', (error) => finish(error.message))
    child.once('close', (code, signal) => {
      if (late) finish(`no end within ${timeoutMs / 1000} s`)
      else finish(code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`)
    })
  })
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
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

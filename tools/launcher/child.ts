// One child process: its own group, its own log, known to the registry from its first moment.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { listProcesses } from './identity.ts'
import type { Registry } from './registry.ts'
import { stackIdOf, stackVariable } from './registry.ts'

export interface ChildPlan {
  name: string
  command: string
  args: string[]
  env?: Record<string, string>
  cwd?: string
  /** For the few programs that refuse to run as root. */
  uid?: number
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Child {
  name: string
  pid: number
  /** What was run, for messages. */
  commandLine: string
  exited: Promise<Exit>
  isRunning: () => boolean
  kill: (signal: NodeJS.Signals) => void
  /** Asks, waits, then kills the whole group; returns when nothing of it lives. */
  stop: (signal: NodeJS.Signals, graceMs: number) => Promise<void>
  lastLines: (count: number) => string[]
}

export type Spawn = (plan: ChildPlan) => Promise<Child>

const logBytesMax = 5_000_000
const groupWaitMsMax = 3_000

/** Makes the one function by which a stack starts processes. */
export function makeSpawn(dataDir: string, registry: Registry): Spawn {
  const logDir = join(dataDir, 'logs')
  mkdirSync(logDir, { recursive: true })
  return async (plan) => {
    const logFile = join(logDir, `${plan.name}.log`)
    const log = openLog(logFile)
    const handle = spawn(plan.command, plan.args, {
      cwd: plan.cwd ?? dataDir,
      env: { ...process.env, ...plan.env, [stackVariable]: stackIdOf(dataDir) },
      stdio: ['ignore', log, log],
      detached: true,
      ...(plan.uid === undefined ? {} : { uid: plan.uid, gid: plan.uid }),
    })
    if (handle.pid !== undefined) registry.add(plan.name, handle.pid)
    closeSync(log)
    await new Promise<void>((resolve, reject) => {
      handle.once('spawn', resolve)
      handle.once('error', reject)
    })
    const pid = handle.pid ?? 0
    let running = true
    const exited = new Promise<Exit>((resolve) => {
      const settle = (code: number | null, signal: NodeJS.Signals | null) => {
        running = false
        registry.remove(pid)
        resolve({ code, signal })
      }
      if (handle.exitCode !== null || handle.signalCode !== null) {
        settle(handle.exitCode, handle.signalCode)
      } else {
        handle.once('exit', settle)
      }
    })
    return {
      name: plan.name,
      pid,
      commandLine: [plan.command, ...plan.args].join(' '),
      exited,
      isRunning: () => running,
      kill: (signal) => signalQuietly(pid, signal, running),
      async stop(signal, graceMs) {
        signalQuietly(pid, signal, running)
        const grace = new AbortController()
        const { signal: graceSignal } = grace
        await Promise.race([exited, delay(graceMs, undefined, { signal: graceSignal })])
        grace.abort()
        await killGroup(pid)
        await exited
      },
      lastLines: (count) => readLastLines(logFile, count),
    }
  }
}

/** Kills every living member of the group and waits, within a bound, until they are gone. */
async function killGroup(group: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < groupWaitMsMax; waitedMs += 25) {
    if (!listProcesses().some((row) => row.group === group)) return
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      return
    }
    await delay(25)
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals, running: boolean): void {
  if (!running) return
  try {
    process.kill(pid, signal)
  } catch {
    // It ended a moment ago; its exit event is on the way.
  }
}

function openLog(file: string): number {
  try {
    if (statSync(file).size > logBytesMax) renameSync(file, `${file}.1`)
  } catch {
    // No log yet.
  }
  return openSync(file, 'a', 0o600)
}

function readLastLines(file: string, count: number): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count)
  } catch {
    return []
  }
}

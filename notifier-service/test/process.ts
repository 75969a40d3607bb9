/** The service as its own process, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Readiness } from '@quits/kit/health'
import { type Bench, clientOf, untilReady } from './bench.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** A port that was free a moment ago, the same for each life of the process. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

/** Starts, kills and stops one notifier again and again on the same ports. */
export const makeProcess = async (bench: Bench, overrides: Record<string, string> = {}) => {
  const [port, metricsPort] = [await freePort(), await freePort()]
  let child: ChildProcess | undefined
  let output = ''
  const ended = (one: ChildProcess) =>
    new Promise<number | null>((resolve) => {
      if (one.exitCode !== null || one.signalCode !== null) resolve(one.exitCode)
      else one.once('exit', (code) => resolve(code))
    })
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child === undefined) return null
    const one = child
    child = undefined
    one.kill(signal)
    return ended(one)
  }
  return {
    ...clientOf(port),
    start(): void {
      const ports = { HTTP_PORT: String(port), METRICS_PORT: String(metricsPort) }
      const env = { ...process.env, ...bench.env, ...ports, ...overrides }
      child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (data: Buffer) => {
          output = (output + data.toString()).slice(-4_000)
        })
      }
    },
    ready: () =>
      untilReady(async () => {
        const response = await fetch(`http://127.0.0.1:${metricsPort}/readyz`).catch(() => null)
        if (response === null) return { ready: false, checks: output }
        return (await response.json()) as Readiness
      }),
    metricsPort,
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
  }
}

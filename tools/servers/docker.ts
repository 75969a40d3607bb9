// The last way to each server: a container of compose.yaml, if an engine answers.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, runCommand } from '../launcher/command.ts'
import type { ServerName, Surroundings, Way } from '../launcher/part.ts'
import { stackIdOf } from '../launcher/registry.ts'

const composeFile = fileURLToPath(new URL('../../compose.yaml', import.meta.url))
const engineAnswersWithinMs = 1_500

let engine: Promise<string | undefined> | undefined

/** The engine's version, or `undefined` when none answers in time. Asked once per process. */
export function dockerEngine(): Promise<string | undefined> {
  engine ??= askEngine()
  return engine
}

async function askEngine(): Promise<string | undefined> {
  if (findProgram('docker') === undefined) return undefined
  try {
    const asked = ['info', '--format', '{{.ServerVersion}}']
    const version = await runCommand('docker', asked, { timeoutMs: engineAnswersWithinMs })
    return version.trim() || undefined
  } catch {
    return undefined
  }
}

/** The way that runs one service of compose.yaml in the foreground, on a port of ours. */
export function dockerWay(
  name: ServerName,
  secretName: string | undefined,
  urlOf: (port: number, secret: string) => string,
): Way {
  return {
    how: 'docker',
    async look() {
      const version = await dockerEngine()
      return version === undefined
        ? { possible: false, note: 'no container engine answers' }
        : { possible: true, note: `container engine ${version}` }
    },
    async prepare(here: Surroundings) {
      const port = await here.ports.claim(name)
      const secret = secretName === undefined ? '' : here.secrets(secretName)
      const project = `quits-${stackIdOf(here.stackDir)}`
      const base = ['compose', '--project-name', project, '--file', composeFile]
      const upper = name.toUpperCase()
      const env = { [`QUITS_${upper}_PORT`]: String(port), [`QUITS_${upper}_PASSWORD`]: secret }
      here.say('pulling its container image')
      await runCommand('docker', [...base, 'pull', '--quiet', name], { env })
      return async () => {
        const args = [...base, 'up', '--no-log-prefix', name]
        const main = await here.spawn({ name, command: 'docker', args, env })
        return { url: urlOf(port, secret), main }
      }
    },
  }
}

/** Removes the containers of a stack, if an engine answers. */
export async function removeContainers(stackDir: string): Promise<void> {
  if ((await dockerEngine()) === undefined) return
  const project = `quits-${stackIdOf(join(stackDir))}`
  await runCommand('docker', ['compose', '--project-name', project, '--file', composeFile, 'down'])
}

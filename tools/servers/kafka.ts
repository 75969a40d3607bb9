// Kafka: the broker's jars by Maven on a Java of the machine, else the machine's own broker.
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import { findProgram, runCommand } from '../launcher/command.ts'
import type { Server, Started, Surroundings } from '../launcher/part.ts'
import { dockerWay } from './docker.ts'
import { provideJava, provideMaven, sightOfJava } from './java.ts'
import type { Tool } from './java.ts'
import { countBrokers } from './kafka-metadata.ts'

const version = '4.3.1'
const jarsKey = `kafka-${version}`
const pomFile = fileURLToPath(new URL('kafka/pom.xml', import.meta.url))
const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

const urlOf = (port: number) => `127.0.0.1:${port}`

export const kafka: Server = {
  name: 'kafka',
  variable: 'KAFKA_URL',
  readyWithinMs: 90_000,
  ways: [
    {
      how: 'provisioned',
      async look(cache) {
        const java = await sightOfJava(cache)
        const jars = cache.has(jarsKey) ? 'in the cache' : 'to be fetched by Maven'
        return { ...java, note: `${java.note}, broker ${version} ${jars}` }
      },
      async prepare(here) {
        const java = await provideJava(here.cache, here.say)
        const home = await here.cache.provide(jarsKey, here.say, (draft) =>
          fetchJars(here, java, draft),
        )
        return () => start(here, java, join(home, 'jars'))
      },
    },
    {
      how: 'binary',
      async look(cache) {
        const jars = jarsOnMachine()
        const java = await sightOfJava(cache)
        if (jars === undefined) return { possible: false, note: 'no kafka-server-start on PATH' }
        return java.possible ? { possible: true, note: `${jars}, ${java.note}` } : java
      },
      async prepare(here) {
        const java = await provideJava(here.cache, here.say)
        const jars = jarsOnMachine()
        if (jars === undefined) throw new Error('no kafka-server-start on PATH')
        return () => start(here, java, jars)
      },
    },
    dockerWay('kafka', undefined, urlOf),
  ],
  async ask(url) {
    const [first = ''] = url.split(',')
    if ((await countBrokers(first)) === 0) throw new Error('no broker is listed yet')
  },
}

async function fetchJars(here: Surroundings, java: Tool, draft: string): Promise<void> {
  const maven = await provideMaven(here.cache, java, here.say)
  here.say(`fetching the jars of broker ${version} with Maven`)
  const where = [`-DoutputDirectory=${join(draft, 'jars')}`, '-DincludeScope=runtime']
  const args = [...maven.args, '-B', '-q', '-f', pomFile, copyGoal, ...where]
  await runCommand(maven.command, args, { cwd: draft, env: maven.env })
}

/** The folder of jars beside an installed broker's start script. */
function jarsOnMachine(): string | undefined {
  const script = findProgram('kafka-server-start.sh') ?? findProgram('kafka-server-start')
  if (script === undefined) return undefined
  const home = dirname(dirname(realpathSync(script)))
  return [join(home, 'libs'), join(home, 'libexec', 'libs')].find(
    (folder) =>
      existsSync(folder) && readdirSync(folder).some((jar) => jar.startsWith('kafka_2.13-4')),
  )
}

async function start(here: Surroundings, java: Tool, jars: string): Promise<Started> {
  const { dataDir, ports, spawn, say } = here
  const port = await ports.claim('kafka')
  const controllerPort = await ports.claim('kafka-controller')
  const logs = join(dataDir, 'logs')
  mkdirSync(dataDir, { recursive: true })
  const settings = join(dataDir, 'server.properties')
  writeFileSync(settings, properties(port, controllerPort, logs))
  const classPath = ['-cp', join(jars, '*')]
  if (!existsSync(join(logs, 'meta.properties'))) {
    say('formatting its storage')
    rmSync(logs, { recursive: true, force: true })
    const tool = [...classPath, 'kafka.tools.StorageTool', 'format', '--ignore-formatted']
    await runCommand(java.command, [...tool, '-t', clusterId(), '-c', settings], { env: java.env })
  }
  say('starting')
  // A small heap and the cheap compiler: this broker serves one person.
  const machine = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const main = await spawn({
    name: 'kafka',
    command: java.command,
    args: [...machine, ...classPath, 'kafka.Kafka', settings],
    env: java.env,
  })
  return { url: urlOf(port), main }
}

function clusterId(): string {
  // The format tool would take a leading dash for an option.
  return randomBytes(16).toString('base64url').replace(/^-/, 'Q')
}

function properties(port: number, controllerPort: number, logs: string): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${logs}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=4',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    // After a SIGKILL the new broker waits until the session of the old one is over.
    'broker.session.timeout.ms=4000',
    'broker.heartbeat.interval.ms=500',
    'num.network.threads=2',
    'num.io.threads=4',
    // The default buffer does not fit a small heap.
    'log.cleaner.dedupe.buffer.size=8388608',
    '',
  ].join('\n')
}

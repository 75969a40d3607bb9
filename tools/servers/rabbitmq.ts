// RabbitMQ with its own Erlang: the distribution's builds from our cache, else the machine's own.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs'
import { connect } from 'amqplib'
import { delimiter, dirname, join } from 'node:path'
import { findProgram } from '../launcher/command.ts'
import type { Server, Sight, Started, Surroundings } from '../launcher/part.ts'
import { canUseDebian, debianKey, libraryPath, missingDebian, provideDebian } from './debian.ts'
import { dockerWay } from './docker.ts'

const set = { name: 'rabbitmq', packages: ['rabbitmq-server', 'erlang-base'], always: /^erlang-/ }
const user = 'quits'

const urlOf = (port: number, password: string) => `amqp://${user}:${password}@127.0.0.1:${port}`

export const rabbitmq: Server = {
  name: 'rabbitmq',
  variable: 'RABBITMQ_URL',
  readyWithinMs: 120_000,
  ways: [
    {
      how: 'provisioned',
      async look(cache) {
        if (cache.has(debianKey(set.name)))
          return { possible: true, note: 'Debian packages, in the cache' }
        return canUseDebian()
          ? { possible: true, note: 'Debian packages, to be downloaded' }
          : { possible: false, note: missingDebian }
      },
      async prepare(here) {
        const root = await provideDebian(here.cache, set, here.say, pointErlangHome)
        const usrLib = join(root, 'usr', 'lib')
        const erlang = join(usrLib, 'erlang', 'bin')
        return () =>
          start(here, join(usrLib, 'rabbitmq', 'bin', 'rabbitmq-server'), join(erlang, 'epmd'), {
            PATH: [erlang, process.env['PATH']].join(delimiter),
            LD_LIBRARY_PATH: libraryPath(root),
          })
      },
    },
    {
      how: 'binary',
      look: lookOnMachine,
      async prepare(here) {
        const { server, epmd } = findOnMachine()
        if (server === undefined || epmd === undefined) throw new Error('rabbitmq-server is gone')
        return () => start(here, server, epmd, {})
      },
    },
    dockerWay('rabbitmq', 'rabbitmq', urlOf),
  ],
  async ask(url) {
    const connection = await connect(url, { timeout: 4_000 })
    connection.on('error', () => undefined)
    await connection.close()
  },
}

/** Erlang's start script remembers where it was installed. */
async function pointErlangHome(draft: string, home: string): Promise<void> {
  const script = join(draft, 'usr', 'lib', 'erlang', 'bin', 'erl')
  const text = readFileSync(script, 'utf8')
  writeFileSync(script, text.replaceAll('/usr/lib/erlang', `${home}/usr/lib/erlang`))
}

function findOnMachine(): { server: string | undefined; epmd: string | undefined } {
  // /usr/sbin holds a wrapper that insists on being root; the real script lies elsewhere.
  const server =
    findProgram('rabbitmq-server', ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin']) ?? undefined
  const real =
    server === '/usr/sbin/rabbitmq-server' ? '/usr/lib/rabbitmq/bin/rabbitmq-server' : server
  return { server: real, epmd: findProgram('epmd', ['/usr/lib/erlang/bin', '/opt/homebrew/bin']) }
}

async function lookOnMachine(): Promise<Sight> {
  const { server, epmd } = findOnMachine()
  if (server === undefined) return { possible: false, note: 'no rabbitmq-server on PATH' }
  if (epmd === undefined) return { possible: false, note: `${server}, but no epmd on PATH` }
  return { possible: true, note: server }
}

async function start(
  here: Surroundings,
  command: string,
  epmd: string,
  env: Record<string, string>,
): Promise<Started> {
  const { dataDir, ports, secrets, spawn, say } = here
  const port = await ports.claim('rabbitmq')
  const distPort = await ports.claim('rabbitmq-distribution')
  const epmdPort = await ports.claim('rabbitmq-epmd')
  mkdirSync(dataDir, { recursive: true })
  const configFile = join(dataDir, 'rabbitmq.conf')
  const pluginsFile = join(dataDir, 'enabled_plugins')
  writeFileSync(configFile, configuration(port, secrets('rabbitmq')), { mode: 0o600 })
  writeFileSync(pluginsFile, '[].\n')
  say('starting')
  const names = ['-port', String(epmdPort), '-address', '127.0.0.1']
  const ownEnv = { ...env, ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: '127.0.0.1' }
  const nameServer = await spawn({ name: 'epmd', command: epmd, args: names, env: ownEnv })
  const main = await spawn({
    name: 'rabbitmq',
    command,
    args: [],
    cwd: dirname(command),
    env: {
      ...ownEnv,
      HOME: dataDir,
      RABBITMQ_NODENAME: 'quits@localhost',
      RABBITMQ_MNESIA_BASE: join(dataDir, 'mnesia'),
      RABBITMQ_LOG_BASE: join(dataDir, 'log'),
      RABBITMQ_CONFIG_FILE: configFile,
      RABBITMQ_ENABLED_PLUGINS_FILE: pluginsFile,
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_DIST_PORT: String(distPort),
      // Two schedulers that sleep at once when idle: this node shares the machine.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
    },
  })
  return { url: urlOf(port, secrets('rabbitmq')), main, also: [nameServer] }
}

function configuration(port: number, password: string): string {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    `default_user = ${user}`,
    `default_pass = ${password}`,
    'vm_memory_high_watermark.absolute = 512MB',
    'disk_free_limit.absolute = 50MB',
    'log.console = true',
    'log.console.level = info',
    'log.file = false',
    '',
  ].join('\n')
}

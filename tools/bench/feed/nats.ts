// The peer: nats-server's WebSocket, and a publisher over its plain protocol.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Ground } from '../ground.ts'
import { findNats } from '../programs.ts'
import { makeLatch } from './latch.ts'

const stopMs = 5_000
const readyMsMax = 15_000

export type Nats = Awaited<ReturnType<typeof startNats>>

/** Starts it with two ports; publishing waits until the bytes have left. */
export async function startNats({ house }: Ground) {
  const program = await findNats(house.cache, (doing) => console.log(`  ${doing}`))
  const port = await house.ports.claim('nats')
  const webSocketPort = await house.ports.claim('nats-websocket')
  const folder = join(house.dataDir, 'nats')
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'nats.conf')
  writeFileSync(
    config,
    `host: "127.0.0.1"\nport: ${port}\nmax_connections: 19000\n` +
      `websocket { host: "127.0.0.1", port: ${webSocketPort}, no_tls: true }\n`,
  )
  const child = await house.spawn({
    name: 'nats',
    command: program.path,
    args: ['-c', config],
    env: program.env,
  })
  house.onStop('servers', () => child.stop('SIGTERM', stopMs))
  const publisher = await connected(port)
  publisher.write('CONNECT {"verbose":false,"pedantic":false}\r\n')
  publisher.on('data', (bytes) => {
    if (bytes.includes('PING')) publisher.write('PONG\r\n')
  })
  return {
    pid: child.pid,
    port: webSocketPort,
    /** All in one write. */
    async publish(texts: string[]): Promise<void> {
      const commands = texts.map((text) => `PUB feed ${Buffer.byteLength(text)}\r\n${text}\r\n`)
      await new Promise<void>((resolve, reject) => {
        publisher.write(commands.join(''), (error) => (error ? reject(error) : resolve()))
      })
    },
  }
}

async function connected(port: number) {
  let found: ReturnType<typeof connect> | undefined
  await makeLatch(readyMsMax)(async () => {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      found = socket
      return true
    } catch {
      return false
    }
  }, 'nats-server')
  if (found === undefined) throw new Error('nats-server is not there')
  return found.setNoDelay(true)
}

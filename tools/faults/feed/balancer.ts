// What stands before several notifiers: each new connection goes to one that says it is ready.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

const lookMs = 50

export interface Behind {
  port: number
  metricsPort: number
}

/** Listens on a free port of 127.0.0.1 and takes turns among those that are ready. */
export async function startBalancer(behind: Behind[]) {
  const open = new Set<Socket>()
  let ready: Behind[] = []
  let turn = 0
  const look = async () => {
    const asked = behind.map(async (one) => {
      const answer = await fetch(`http://127.0.0.1:${one.metricsPort}/readyz`).catch(
        () => undefined,
      )
      await answer?.arrayBuffer()
      return answer?.ok === true ? [one] : []
    })
    ready = (await Promise.all(asked)).flat()
  }
  await look()
  const looking = setInterval(() => void look(), lookMs)
  const server = createServer((near) => {
    turn += 1
    const to = ready[turn % ready.length] ?? behind[0]
    const far = connect(to?.port ?? 0, '127.0.0.1')
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(end)
      end.on('error', () => other.destroy())
      end.once('close', () => {
        open.delete(end)
        other.destroy()
      })
      end.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    ready: () => ready.length,
    async close() {
      clearInterval(looking)
      for (const end of open) end.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

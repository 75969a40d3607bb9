/** A line to a server that can be cut and mended: what a client sees when the server goes away. */
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** `to` is any URL with a host and a port; `url` is the same one through the line. */
export const makeLine = async (to: string) => {
  const [, host = '', port = ''] =
    /@?([^@/:]+):(\d+)(?=[/?]|$)/.exec(to.replace(/^\w+:\/\//, '')) ?? []
  const ends = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), host)
    for (const end of [near, far]) {
      ends.add(end)
      end.on('error', () => undefined)
      end.once('close', () => {
        ends.delete(end)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const own = (server.address() as AddressInfo).port
  return {
    url: to.replace(`${host}:${port}`, `127.0.0.1:${own}`),
    cut(): void {
      isCut = true
      for (const end of ends) end.destroy()
    },
    mend(): void {
      isCut = false
    },
    stop: () =>
      new Promise<void>((resolve) => {
        for (const end of ends) end.destroy()
        server.close(() => resolve())
      }),
  }
}

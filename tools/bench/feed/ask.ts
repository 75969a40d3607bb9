// POSTs over a few connections, one at a time on each. It speaks just enough HTTP to be a client,
// because the bench shares the machine, and Node's own client costs as much as a service of ours.
import { connect, type Socket } from 'node:net'

export interface Question {
  path: string
  token: string
  headers?: Record<string, string>
  body?: string
}

interface Waiting {
  text: string
  /** With what a 201 said, or undefined for a service without room. */
  resolve: (answer: string | undefined) => void
  reject: (error: Error) => void
}

interface Line {
  ask(one: Waiting): void
  end(): void
}

const unavailable = 503
const headEnd = '\r\n\r\n'

export type Asker = ReturnType<typeof makeAsker>

/** At most `connectionsMax` connections to `url`; what finds none free waits in its order. */
export function makeAsker(url: string, connectionsMax: number) {
  const { hostname, port, host } = new URL(url)
  const lines = new Set<Line>()
  const idle = new Set<Line>()
  const waiting: Waiting[] = []

  const serve = () => {
    while (waiting.length > 0) {
      const [line = lines.size < connectionsMax ? open() : undefined] = idle
      if (line === undefined) return
      idle.delete(line)
      const next = waiting.shift()
      if (next !== undefined) line.ask(next)
    }
  }
  const open = () => {
    const line = makeLine(connect(Number(port), hostname), {
      onFree() {
        idle.add(line)
        serve()
      },
      onEnd() {
        lines.delete(line)
        idle.delete(line)
        serve()
      },
    })
    lines.add(line)
    return line
  }

  return {
    /** What a 201 said, parsed; undefined when there was no room and the service asks to come back. */
    async ask<T>({ path, token, headers = {}, body = '' }: Question): Promise<T | undefined> {
      const all = {
        host,
        authorization: `Bearer ${token}`,
        'content-length': Buffer.byteLength(body),
        ...headers,
      }
      const lead = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
      const answered = Promise.withResolvers<string | undefined>()
      const { resolve, reject } = answered
      waiting.push({
        text: `POST ${path} HTTP/1.1\r\n${lead.join('')}\r\n${body}`,
        resolve,
        reject,
      })
      serve()
      const answer = await answered.promise
      return answer === undefined ? undefined : (JSON.parse(answer) as T)
    },
    /** Ends every connection; what still waits for one is refused. */
    close(): void {
      for (const line of lines) line.end()
      for (const { reject } of waiting.splice(0)) reject(new Error('the asker was closed'))
    },
  }
}

/** One connection: `onFree` when it may be asked again, `onEnd` when it is gone. */
const makeLine = (socket: Socket, told: { onFree: () => void; onEnd: () => void }): Line => {
  let asked: Waiting | undefined
  let received: Buffer = Buffer.alloc(0)

  const read = (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const head = received.indexOf(headEnd)
    if (head < 0 || asked === undefined) return
    const lead = received.toString('latin1', 0, head)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(lead)?.[1])
    const end = head + headEnd.length + length
    // An answer of unknown length is not one of ours.
    if (Number.isNaN(length)) socket.destroy(new Error(`no length in: ${lead}`))
    if (!(received.length >= end)) return
    const text = received.toString('utf8', head + headEnd.length, end)
    const [first = ''] = lead.split('\r\n', 1)
    const status = Number(first.split(' ')[1])
    const { resolve, reject } = asked
    asked = undefined
    received = Buffer.alloc(0)
    if (status === unavailable) resolve(undefined)
    else if (status === 201) resolve(text)
    else reject(new Error(`no 201 but ${first}: ${text}`))
    if (/\r\nconnection: *close/i.test(lead)) socket.destroy()
    else told.onFree()
  }
  let reason = 'the connection ended'
  socket.setNoDelay(true)
  socket.on('data', read)
  socket.on('error', ({ message }) => (reason = message))
  socket.on('close', () => {
    told.onEnd()
    asked?.reject(new Error(reason))
  })

  return {
    ask(one) {
      asked = one
      socket.write(one.text)
    },
    end: () => void socket.destroy(),
  }
}

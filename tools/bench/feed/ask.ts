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
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
}

const unavailable = 503
const headEnd = '\r\n\r\n'

export type Asker = ReturnType<typeof makeAsker>

/** At most `connectionsMax` connections to `url`; what finds none free waits in its order. */
export function makeAsker(url: string, connectionsMax: number) {
  const { hostname, port, host } = new URL(url)
  const idle: Line[] = []
  const waiting: Waiting[] = []
  const lines = new Set<Line>()

  const free = (line: Line) => {
    const next = waiting.shift()
    if (next === undefined) idle.push(line)
    else line.ask(next)
  }
  const open = () => {
    const line = makeLine(connect(Number(port), hostname), free, () => {
      lines.delete(line)
      if (idle.includes(line)) idle.splice(idle.indexOf(line), 1)
    })
    lines.add(line)
    return line
  }

  return {
    /** What a 201 said, parsed; undefined when there was no room and the service asks to come back. */
    ask<T>({ path, token, headers = {}, body = '' }: Question): Promise<T | undefined> {
      const all = {
        host,
        authorization: `Bearer ${token}`,
        'content-length': Buffer.byteLength(body),
        ...headers,
      }
      const lead = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
      return new Promise((resolve, reject) => {
        const text = `POST ${path} HTTP/1.1\r\n${lead.join('')}\r\n${body}`
        const one = { text, resolve: (answer: unknown) => resolve(answer as T), reject }
        const line = idle.pop() ?? (lines.size < connectionsMax ? open() : undefined)
        if (line === undefined) waiting.push(one)
        else line.ask(one)
      })
    },
    close(): void {
      for (const line of lines) line.end()
    },
  }
}

interface Line {
  ask(one: Waiting): void
  end(): void
}

/** One connection: `onFree` when its answer has come, `onEnd` when it is gone. */
const makeLine = (socket: Socket, onFree: (line: Line) => void, onEnd: () => void): Line => {
  let asked: Waiting | undefined
  let received: Buffer = Buffer.alloc(0)

  const fail = (why: string) => {
    onEnd()
    asked?.reject(new Error(why))
    asked = undefined
  }
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
    const status = Number(lead.slice('HTTP/1.1 '.length).slice(0, 3))
    const { resolve, reject } = asked
    asked = undefined
    received = Buffer.alloc(0)
    if (status === unavailable) resolve(undefined)
    else if (status === 201) resolve(JSON.parse(text))
    else reject(new Error(`no 201 but ${lead.split('\r\n', 1)[0]}: ${text}`))
    onFree(line)
  }
  let reason = 'the connection ended'
  socket.setNoDelay(true)
  socket.on('data', read)
  socket.on('error', ({ message }) => (reason = message))
  socket.on('close', () => fail(reason))

  const line = {
    ask(one: Waiting) {
      asked = one
      socket.write(one.text)
    },
    end: () => void socket.destroy(),
  }
  return line
}

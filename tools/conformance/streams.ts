// The same feed as an event stream.
import { type ServerFrame, serverFrame } from '@quits/proto/feed'
import { type Check, must, Nonconformity, NotChecked, type Subject, within } from './check.ts'

const streamPath = '/v1/feed/stream'
const waitMsMax = 15_000
const pollMs = 10
const textMax = 4_000_000

interface Received {
  frame: ServerFrame
  id: string | undefined
}

async function openStream(subject: Subject, lastId?: string) {
  const leaving = new AbortController()
  const headers = new Headers({ authorization: `Bearer ${await subject.token()}` })
  if (lastId !== undefined) headers.set('last-event-id', lastId)
  const response = await fetch(subject.url + streamPath, { headers, signal: leaving.signal })
  if (response.status === 404) throw new NotChecked('the server has no event stream')
  const received: Received[] = []
  const faults: string[] = []

  const take = (block: string) => {
    const lines = block.split('\n').filter((line) => !line.startsWith(':'))
    if (lines.length === 0) return
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const read = serverFrame.safeParse(JSON.parse(field('data') ?? 'null'))
    if (!read.success) faults.push(`no frame: ${block.slice(0, 200)}`)
    else if (read.data.type !== field('event')) faults.push(`event ${field('event')} is another`)
    else received.push({ frame: read.data, id: field('id') })
  }
  const read = async (body: ReadableStream<Uint8Array>) => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of body) {
      text = (text + decoder.decode(chunk, { stream: true })).slice(-textMax)
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) take(block)
    }
  }
  const reading = response.ok && response.body !== null ? read(response.body) : Promise.resolve()
  reading.catch(() => undefined)

  const events = () => received.filter(({ frame }) => frame.type === 'event')
  return {
    response,
    received,
    events,
    seqs: () => events().flatMap(({ frame }) => (frame.type === 'event' ? [frame.seq] : [])),
    async until(what: string, look: () => boolean): Promise<void> {
      for (let waitedMs = 0; !look(); waitedMs += pollMs) {
        if (waitedMs > waitMsMax) throw new Nonconformity(`no ${what} on the stream`)
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
    },
    leave(): void {
      leaving.abort()
      must(faults.length === 0, () => faults.slice(0, 3).join('; '))
    },
  }
}

const isType = (type: ServerFrame['type']) => (each: Received) => each.frame.type === type

export const streamChecks: Check[] = [
  {
    id: 'stream/refused',
    says: 'a stream without a session, or from a place that is none, is a problem document',
    async run(subject) {
      const nobody = await fetch(subject.url + streamPath)
      if (nobody.status === 404) throw new NotChecked('the server has no event stream')
      must(nobody.status === 401, () => `without a token: ${nobody.status}`)
      const odd = await openStream(subject, 'yesterday')
      must(odd.response.status === 422, () => `with an odd place: ${odd.response.status}`)
      odd.leave()
    },
  },
  {
    id: 'stream/resume',
    says: 'a stream brings each event once, in order, and goes on from its last id',
    needs: 'events',
    async run(subject) {
      const first = await openStream(subject)
      const type = first.response.headers.get('content-type') ?? ''
      must(type.startsWith('text/event-stream'), () => `content type ${type}`)
      await first.until('welcome', () => first.received.some(isType('welcome')))
      await subject.cause?.(3)
      await first.until('3 events', () => first.seqs().length >= 3)
      const lastId = first.events().at(-1)?.id
      first.leave()
      await subject.cause?.(3)
      const again = await openStream(subject, lastId)
      await again.until('3 missed events', () => again.seqs().length >= 3)
      const seqs = [...first.seqs(), ...again.seqs()]
      const [start = 0] = seqs
      must(
        seqs.every((seq, index) => seq === start + index),
        () => `seqs ${seqs.join(',')}`,
      )
      await again.until('replayed', () => again.received.some(isType('replayed')))
      again.leave()
    },
  },
  {
    id: 'stream/gap',
    says: 'a place of another epoch is a gap on a stream, too',
    async run(subject) {
      const stream = await within(10_000, 'stream', openStream(subject, '999:1'))
      await stream.until('gap', () => stream.received.some(isType('gap')))
      stream.leave()
    },
  },
]

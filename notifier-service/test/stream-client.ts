/** A client of the event stream for tests: what an EventSource would see, and the comments too. */
import { serverFrame, type ServerFrame } from '@quits/proto/feed'
import { vi } from 'vitest'
import type { Person } from './bench.ts'

const bound = { timeout: 20_000, interval: 10 }
type Type = ServerFrame['type']

/** Opens a stream; `lastId` is what an EventSource would send when it comes back. */
export const openStream = async (base: string, person: Person, lastId?: string) => {
  const leaving = new AbortController()
  const response = await fetch(`${base}/v1/feed/stream`, {
    headers: {
      authorization: `Bearer ${person.token}`,
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    },
    signal: leaving.signal,
  })
  const state = { frames: [] as ServerFrame[], ids: [] as string[], comments: 0, ended: false }

  const take = (block: string) => {
    const lines = block.split('\n')
    if (lines.every((line) => line.startsWith(':'))) {
      state.comments += 1
      return
    }
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const frame = serverFrame.parse(JSON.parse(field('data') ?? ''))
    if (field('event') !== frame.type) throw new Error(`another name than type: ${block}`)
    const id = field('id')
    if (id !== undefined) state.ids.push(id)
    state.frames.push(frame)
  }

  const read = async () => {
    let text = ''
    const decoder = new TextDecoder()
    if (response.body === null) return
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) take(block)
    }
  }
  const reading =
    response.status === 200
      ? read()
          .catch(() => undefined)
          .finally(() => {
            state.ended = true
          })
      : Promise.resolve()

  const of = <T extends Type>(type: T) =>
    state.frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type)

  return {
    response,
    state,
    of,
    seqs: () => of('event').map(({ seq }) => seq),
    lastId: () => state.ids.at(-1),
    until: (look: () => boolean) =>
      vi.waitFor(() => {
        if (!look()) throw new Error(`waited in vain; got ${JSON.stringify(state).slice(-800)}`)
      }, bound),
    async leave(): Promise<void> {
      leaving.abort()
      await reading
    },
  }
}

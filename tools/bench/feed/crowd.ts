// The bench's side of a crowd.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { nodeProgram } from '../../launcher/node-flags.ts'
import type { Arrival, Guest, OpenWish, Wish, Word } from './crowd-words.ts'

const program = fileURLToPath(new URL('crowd-process.ts', import.meta.url))
const waitMsMax = 120_000
/** As many as come in at once when a front door starts again: more would only wait in the kernel. */
const window = 256

type Named<W extends Word['what']> = Extract<Word, { what: W }>

export type Crowd = Awaited<ReturnType<typeof startCrowd>>

/** Starts an empty crowd. Every wait rejects when a socket was closed or heard what it must not. */
export async function startCrowd() {
  const child: ChildProcess = fork(program, { execPath: nodeProgram(), serialization: 'advanced' })
  const waits = new Map<Word['what'], (word: Word) => void>()
  let failure: Error | undefined
  let fail = (_error: Error): void => undefined
  child.on('message', (word: Word) => {
    if (word.what !== 'failed') return waits.get(word.what)?.(word)
    failure ??= new Error(`the crowd: ${word.why}`)
    fail(failure)
  })

  const wait = async <W extends Word['what']>(what: W): Promise<Named<W>> => {
    if (failure !== undefined) throw failure
    const heard = Promise.withResolvers<Word>()
    waits.set(what, heard.resolve)
    fail = heard.reject
    const late = setTimeout(() => heard.reject(new Error(`no "${what}" in time`)), waitMsMax)
    try {
      return (await heard.promise) as Named<W>
    } finally {
      clearTimeout(late)
      waits.delete(what)
      fail = () => undefined
    }
  }
  const ask = <W extends Word['what']>(wish: Wish, what: W) => {
    const answer = wait(what)
    child.send(wish)
    return answer
  }
  await wait('ready')

  return {
    /** Resolves with how long it took until everybody was in and had what it missed. */
    async open(at: Pick<OpenWish, 'kind' | 'port'> & { guests: Guest[]; records?: boolean }) {
      const { records = false, ...rest } = at
      const wish: OpenWish = { what: 'open', window, records, ...rest }
      return (await ask(wish, 'opened')).ms
    },
    /** Everybody gets `messages` of what `act` sends; the time is from the first to the last. */
    async receive(messages: number, act: () => Promise<void>) {
      await ask({ what: 'expect', messages }, 'expecting')
      const reached = wait('reached')
      const [word] = await Promise.all([reached, act()])
      return { messages: word.messages, ms: word.lastMs - word.firstMs }
    },
    /** What came so far. */
    async take(): Promise<{ arrivals: Arrival[]; open: number; faults: number; messages: number }> {
      return ask({ what: 'take' }, 'taken')
    },
    async close(): Promise<void> {
      await ask({ what: 'close' }, 'closed')
    },
    async stop(): Promise<void> {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

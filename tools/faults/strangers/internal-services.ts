// What our own services ask each other without a token is nobody else's to find: on the port of the
// ledger there is no such service.
import { makeGrpcClient } from '@quits/kit/grpc'
import { identityContract } from '@quits/proto/grpc'
import { journalContract } from '@quits/proto/journal'
import type { Attempts } from './http-matrix.ts'
import type { Crowd, Stage } from './stage.ts'

const deadlineMs = 5_000
const unimplemented = 12

/** Asks for everything of the stage's people that these services can tell, as nobody and as a stranger. */
export async function tryInternal(
  address: string,
  { debt }: Stage,
  { stranger }: Crowd,
): Promise<Attempts> {
  const journal = makeGrpcClient({ contract: journalContract, address })
  const identity = makeGrpcClient({ contract: identityContract, address })
  const span = { userId: debt.lender.userId, fromMs: '0', toMs: String(Date.now() + deadlineMs) }
  const attempts: Attempts = { count: 0, leaks: [] }
  const metadatas: Record<string, string>[] = [{}, { authorization: `Bearer ${stranger.token}` }]
  try {
    for (const metadata of metadatas) {
      const asking = { deadlineMs, metadata }
      const tries: Record<string, () => Promise<unknown>> = {
        'Journal/Readers': () =>
          all(journal.stream('Readers', { afterUserId: '', limit: 1 }, asking)),
        'Journal/Read': () => all(journal.stream('Read', span, asking)),
        'Journal/Hours': () => all(journal.stream('Hours', span, asking)),
        'Identity/Identify': () =>
          identity.call('Identify', { tokens: [debt.lender.token] }, asking),
      }
      for (const [method, ask] of Object.entries(tries)) {
        attempts.count += 1
        const code = await statusOf(ask)
        if (code !== unimplemented)
          attempts.leaks.push(`${method} is on the ledger's port: ${code}`)
      }
    }
  } finally {
    journal.close()
    identity.close()
  }
  return attempts
}

async function all(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

async function statusOf(ask: () => Promise<unknown>): Promise<number> {
  try {
    await ask()
    return 0
  } catch (error) {
    const { code } = error as { code?: number }
    if (code === undefined) throw error
    return code
  }
}

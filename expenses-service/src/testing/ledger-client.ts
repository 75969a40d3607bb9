/** The whole service, asked over gRPC by three people. */
import { randomUUID } from 'node:crypto'
import { type Metadata, status } from '@grpc/grpc-js'
import { makeGrpcClient } from '@quits/kit/grpc'
import { type EnterEntryRequest, ledgerContract, verdictNumbers } from '@quits/proto/ledger'
import { startTestService, type TestService } from './service.ts'

export type Member = Awaited<ReturnType<TestService['signUp']>>
export type LedgerScene = Awaited<ReturnType<typeof setLedgerScene>>

export const euros = (minor: string) => ({ minor, currency: 'EUR' })

/** How `member` asks: with their token, and no longer than `deadlineMs`. */
export const as = (member: Pick<Member, 'accessToken'>, deadlineMs = 5_000) => ({
  deadlineMs,
  metadata: { authorization: `Bearer ${member.accessToken}` },
})

export const openingFor = (member: Member) => ({
  idempotencyKey: randomUUID(),
  role: 'lender',
  counterparty: { email: member.email },
  opening: euros('4000'),
  description: 'groceries',
})

export const entryOf = (debtId: string, kind: string, minor: string): EnterEntryRequest => ({
  idempotencyKey: randomUUID(),
  debtId,
  kind,
  amount: euros(minor),
})

export const collect = async <T>(messages: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const message of messages) all.push(message)
  return all
}

/** How a call was refused: status, code of the trailer, problem document of the trailer. */
export const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: { code: number; metadata: Metadata }) => thrown,
  )
  const [problem] = error?.metadata.get('quits-problem-bin') ?? []
  return {
    status: error?.code,
    code: error?.metadata.get('quits-code')[0],
    problem: problem === undefined ? undefined : JSON.parse(problem.toString()),
  }
}

/** Whether a call ended as only a fault of the service ends one. */
export const isBroken = (code: number | undefined): boolean =>
  code === status.INTERNAL || code === status.UNKNOWN

/** Ana, Bo and Eve, signed up. Call `close` in afterAll. */
export const setLedgerScene = async () => {
  const service = await startTestService()
  const client = makeGrpcClient({ contract: ledgerContract, address: service.grpcAddress })
  const ana = await service.signUp('Ana')
  const bo = await service.signUp('Bo')
  const eve = await service.signUp('Eve')

  return {
    service,
    client,
    ana,
    bo,
    eve,
    /** Ana lent Bo 40.00 EUR, who agreed. */
    async openDebt(): Promise<string> {
      const { debt } = await client.call('OpenDebt', openingFor(bo), as(ana))
      const verdict = verdictNumbers.accept
      const answer = { idempotencyKey: randomUUID(), debtId: debt.id, verdict }
      await client.call('AnswerDebt', answer, as(bo))
      return debt.id
    },
    async rowsOf(debtId: string): Promise<number> {
      const { rows } = await service.admin.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM transactions WHERE book_id = $1',
        [debtId],
      )
      return rows[0]?.count ?? 0
    },
    async close(): Promise<void> {
      client.close()
      await service.stop()
    },
  }
}

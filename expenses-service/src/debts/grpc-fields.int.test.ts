import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { makeGrpcClient } from '@quits/kit/grpc'
import { ledgerContract } from '@quits/proto/ledger'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  as,
  collect,
  entryOf,
  euros,
  type LedgerScene,
  refusalOf,
  setLedgerScene,
} from '../testing/ledger-client.ts'

let scene: LedgerScene

beforeAll(async () => {
  scene = await setLedgerScene()
})
afterAll(() => scene.close())

describe('fields that are not known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quits-ledger-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** A client whose definition of the ledger is a later one. */
  const laterClient = () => {
    const source = dirname(ledgerContract.file)
    for (const name of readdirSync(source).filter((one) => one.startsWith('ledger'))) {
      if (!name.endsWith('.proto')) continue
      const text = readFileSync(join(source, name), 'utf8')
      const later = text.replaceAll(
        /^(message (?:EnterEntryRequest|DebtRequest|Money|EnterEntriesRequest) \{)/gm,
        '$1\n  optional string later = 99;',
      )
      writeFileSync(join(folder, name), later)
    }
    const contract = { ...ledgerContract, file: join(folder, 'ledger.proto') }
    return makeGrpcClient({ contract, address: scene.service.grpcAddress })
  }
  const later = { later: 'x' }

  test('are refused wherever they are, and nothing is done', async () => {
    const client = laterClient()
    const debtId = await scene.openDebt()
    const plain = () => entryOf(debtId, 'repayment', '1')
    const faultsOf = async (call: Promise<unknown>) => {
      const refusal = await refusalOf(call)
      expect(refusal).toMatchObject({ status: status.INVALID_ARGUMENT, code: 'unknown_field' })
      return refusal.problem.faults.map(({ path }: { path: string }) => path)
    }
    const known = { ...plain(), ...later }
    expect(await faultsOf(client.call('EnterEntry', known, as(scene.ana)))).toEqual([''])
    const deep = { ...plain(), amount: { ...euros('1'), ...later } }
    expect(await faultsOf(client.call('EnterEntry', deep, as(scene.ana)))).toEqual(['amount'])
    const asked = { debtId, ...later }
    expect(await faultsOf(client.call('GetDebt', asked, as(scene.ana)))).toEqual([''])
    const listed = client.stream('ListInvitations', asked, as(scene.ana))
    expect(await faultsOf(collect(listed))).toEqual([''])
    const whole = { entries: [plain()], ...later }
    expect(await faultsOf(client.call('EnterEntries', whole, as(scene.ana)))).toEqual([''])
    expect(await scene.rowsOf(debtId)).toBe(2)
    // The check can fail: without the field it is carried out.
    await client.call('EnterEntry', plain(), as(scene.ana))
    expect(await scene.rowsOf(debtId)).toBe(3)
    client.close()
  })

  test('of many at once they refuse the one that has them', async () => {
    const client = laterClient()
    const debtId = await scene.openDebt()
    const plain = () => entryOf(debtId, 'repayment', '1')
    const entries = [plain(), { ...plain(), amount: { ...euros('1'), ...later } }, plain()]
    const { outcomes } = await client.call('EnterEntries', { entries }, as(scene.ana))
    expect(outcomes.map(({ done, refused }) => refused?.code ?? done?.entry.seq)).toEqual([
      3,
      'unknown_field',
      4,
    ])
    client.close()
  })
})

import { randomUUID } from 'node:crypto'
import { type Metadata, status } from '@grpc/grpc-js'
import { verdictNumbers } from '@quits/proto/ledger'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  as,
  collect,
  entryOf,
  euros,
  type LedgerScene,
  openingFor,
  refusalOf,
  setLedgerScene,
} from '../testing/ledger-client.ts'

let scene: LedgerScene

beforeAll(async () => {
  scene = await setLedgerScene()
})
afterAll(() => scene.close())

describe('refusals', () => {
  test('carry status, code and problem document of the one catalogue', async () => {
    const id = await scene.openDebt()
    expect(
      await refusalOf(
        scene.client.call('EnterEntry', entryOf(id, 'repayment', '4001'), as(scene.ana)),
      ),
    ).toEqual({
      status: status.FAILED_PRECONDITION,
      code: 'overpayment',
      problem: {
        type: '/problems/overpayment',
        status: 422,
        code: 'overpayment',
        title: 'That is more than is owed.',
        remaining: euros('4000'),
      },
    })
    const stale = { ...entryOf(id, 'repayment', '1'), ifVersion: 1 }
    expect((await refusalOf(scene.client.call('EnterEntry', stale, as(scene.ana)))).code).toBe(
      'version_conflict',
    )
    const none = { idempotencyKey: randomUUID(), debtId: id, verdict: 0 }
    expect((await refusalOf(scene.client.call('AnswerDebt', none, as(scene.ana)))).code).toBe(
      'invalid_request',
    )
    expect(await scene.rowsOf(id)).toBe(2)
  })

  test('nobody gets in without a token, with a junk one, or after signing out', async () => {
    const gone = await scene.service.signUp('Gone')
    await scene.service.ask('POST', '/v1/auth/logout', { token: gone.accessToken, body: {} })
    const junk = { ...gone, accessToken: 'junk' }
    const askings = [{ deadlineMs: 5_000 }, as(junk), as(gone)]
    for (const asking of askings) {
      const refusals = await Promise.all([
        refusalOf(scene.client.call('OpenDebt', openingFor(scene.bo), asking)),
        refusalOf(scene.client.call('GetSummary', {}, asking)),
        refusalOf(collect(scene.client.stream('ListDebts', {}, asking))),
      ])
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: status.UNAUTHENTICATED, code: 'unauthenticated' })
      }
    }
  })

  test('somebody else’s debt looks like one that is not there, whatever is asked of it', async () => {
    const theirs = await scene.openDebt()
    const key = () => ({ idempotencyKey: randomUUID() })
    const attempts = (debtId: string) => [
      scene.client.call('GetDebt', { debtId }, as(scene.eve)),
      collect(scene.client.stream('ListEntries', { debtId }, as(scene.eve))),
      scene.client.call('EnterEntry', entryOf(debtId, 'repayment', '1'), as(scene.eve)),
      ...Object.values(verdictNumbers).flatMap((verdict) => [
        scene.client.call('AnswerDebt', { ...key(), debtId, verdict }, as(scene.eve)),
        scene.client.call('AnswerEntry', { ...key(), debtId, seq: 1, verdict }, as(scene.eve)),
      ]),
    ]
    const seen = await Promise.all(attempts(theirs).map(refusalOf))
    const absent = await Promise.all(attempts(randomUUID()).map(refusalOf))
    expect(seen).toEqual(absent)
    expect(new Set(seen.map((one) => one.code))).toEqual(new Set(['not_found']))
    expect(await collect(scene.client.stream('ListDebts', {}, as(scene.eve)))).toEqual([])
    expect(await scene.rowsOf(theirs)).toBe(2)
    // The check can fail: its owner is not refused.
    expect((await scene.client.call('GetDebt', { debtId: theirs }, as(scene.bo))).id).toBe(theirs)
  })
})

describe('the same words as over HTTP', () => {
  /** The problem document of a refused call, as it travelled. */
  const documentOf = async (call: Promise<unknown>): Promise<string> => {
    const thrown = await call.then(
      () => undefined,
      (error: { metadata: Metadata }) => error,
    )
    return thrown?.metadata.get('quits-problem-bin')[0]?.toString() ?? 'no refusal'
  }
  const textOf = async (method: string, path: string, asking: { key?: string; body?: object }) => {
    const response = await fetch(scene.service.url + path, {
      method,
      headers: {
        authorization: `Bearer ${scene.ana.accessToken}`,
        'content-type': 'application/json',
        ...(asking.key === undefined ? {} : { 'idempotency-key': asking.key }),
      },
      ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
    })
    return response.text()
  }

  test('problem documents are equal, byte for byte', async () => {
    const { client, ana } = scene
    const debtId = await scene.openDebt()
    const absent = randomUUID()
    const key = randomUUID()
    const path = `/v1/debts/${debtId}`
    const enter = (minor: string, idempotencyKey: string = key) => {
      const asked = { ...entryOf(debtId, 'repayment', minor), idempotencyKey }
      return client.call('EnterEntry', asked, as(ana))
    }
    const post = (minor: string, sent: { key?: string } = { key }) => {
      const body = { kind: 'repayment', amount: euros(minor) }
      return textOf('POST', `${path}/transactions`, { ...sent, body })
    }
    const paid = { from: 'you', amount: euros('0') }
    const payments = `/v1/people/${scene.bo.id}/payments`
    const pairs: [() => Promise<unknown>, () => Promise<string>][] = [
      [() => enter('4001'), () => post('4001')],
      [() => enter('1.5'), () => post('1.5')],
      [() => enter('1', ''), () => post('1', {})],
      [() => enter('1', 'a b'), () => post('1', { key: 'a b' })],
      [
        () => client.call('ReverseEntry', { idempotencyKey: key, debtId, seq: 99 }, as(ana)),
        () => textOf('POST', `${path}/transactions/99/reverse`, { key, body: {} }),
      ],
      [
        () => client.call('ChangeDebt', { debtId, description: 'x' }, as(ana)),
        () => textOf('PATCH', path, { body: { description: 'x' } }),
      ],
      [
        () => {
          const asked = { ...paid, idempotencyKey: key, personId: scene.bo.id }
          return client.call('PayPerson', asked, as(ana))
        },
        () => textOf('POST', payments, { key, body: paid }),
      ],
      [
        () => client.call('GetPerson', { personId: absent }, as(ana)),
        () => textOf('GET', `/v1/people/${absent}`, {}),
      ],
    ]
    for (const [grpc, http] of pairs) {
      expect(await documentOf(grpc())).toBe(await http())
    }
    expect(await scene.rowsOf(debtId)).toBe(2)
  })

  test('the check can fail: what is not refused has no document', async () => {
    const debtId = await scene.openDebt()
    expect(await documentOf(scene.client.call('GetDebt', { debtId }, as(scene.ana)))).toBe(
      'no refusal',
    )
  })
})

describe('what the database says', () => {
  const inside = /secret|database|transactions|debt_words|permission|P0001|42501/

  /** All that a failed call tells. */
  const toldBy = async (call: Promise<unknown>) => {
    const thrown = await call.then(
      () => undefined,
      (error: { code: number; details: string; metadata: Metadata }) => error,
    )
    const trailer = Object.values(thrown?.metadata.getMap() ?? {}).map(String)
    return { code: thrown?.code, text: [thrown?.details, ...trailer].join('\n') }
  }

  const whileBroken = async <T>(fault: string, repair: string, act: () => Promise<T>) => {
    await scene.service.admin.query(fault)
    try {
      return await act()
    } finally {
      await scene.service.admin.query(repair)
    }
  }

  test('K5: stays inside, when a command fails, alone or among others', async () => {
    const { client, ana } = scene
    const debtId = await scene.openDebt()
    const entries = [entryOf(debtId, 'repayment', '1')]
    const failing = `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'secret of the database'; END $$;
      CREATE TRIGGER failing AFTER INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION fail()`
    const [one, many] = await whileBroken(failing, 'DROP TRIGGER failing ON transactions', () =>
      Promise.all([
        toldBy(client.call('EnterEntry', entryOf(debtId, 'repayment', '1'), as(ana))),
        client.call('EnterEntries', { entries }, as(ana)),
      ]),
    )
    expect(one.code).toBe(status.INTERNAL)
    expect(one.text).not.toMatch(inside)
    expect(many.outcomes[0]?.refused?.code).toBe('internal')
    expect(JSON.stringify(many)).not.toMatch(inside)
    expect(await scene.rowsOf(debtId)).toBe(2)
  })

  test('K5: stays inside, when a reading fails, whole or as a stream', async () => {
    const { client, ana } = scene
    const debtId = await scene.openDebt()
    const revoke = 'REVOKE SELECT ON debt_words FROM quits_expenses'
    const grant = 'GRANT SELECT ON debt_words TO quits_expenses'
    const told = await whileBroken(revoke, grant, () =>
      Promise.all([
        toldBy(client.call('GetDebt', { debtId }, as(ana))),
        toldBy(collect(client.stream('ListDebts', {}, as(ana)))),
        toldBy(collect(client.stream('ReadProof', { debtId }, as(ana)))),
      ]),
    )
    for (const { code, text } of told) {
      expect(code).toBe(status.INTERNAL)
      expect(text).toContain('"code":"internal"')
      expect(text).not.toMatch(inside)
    }
    expect((await client.call('GetDebt', { debtId }, as(ana))).id).toBe(debtId)
  })
})

/** Steps with a debt whose entries are put right, for integration tests. */
import type { Person } from './people.ts'
import { eur, type Scene } from './scene.ts'

/** Bo owes Ana 40.00; row 1 is the advance, row 2 Bo's word. */
export const openDebt = async (scene: Scene) => {
  const id = await scene.openDebtWithBo()
  const entries = `/v1/debts/${id}/transactions`
  return {
    id,
    entries,
    correct: (who: Person, seq: number, verb: string, body: object = {}, headers = {}) =>
      scene.post(who, `${entries}/${seq}/${verb}`, body, headers),
    enter: (who: Person, kind: string, minor: string, more: object = {}) =>
      scene.post(who, entries, { kind, amount: eur(minor), ...more }),
    balance: async () => (await scene.get(scene.ana, `/v1/debts/${id}`)).body['balance'],
    rows: async () =>
      (await scene.get(scene.ana, `${entries}?limit=200`)).body['items'] as object[],
    /** What those among the last `count` events say that ring for the other one. */
    async rings(count: number) {
      const last = (await scene.eventsOf(id)).slice(-count)
      return last.map(({ data }) => data).filter(({ silent }) => silent !== true)
    },
  }
}

// A turn that looks for no key.
import { load as loadAll } from '../../../../expenses-service/src/transactions/load.ts'

export * from '../../../../expenses-service/src/transactions/load.ts'

export const load: typeof loadAll = (connection, wanted, looks) =>
  loadAll(connection, { ...wanted, keys: [] }, looks)

// Loaded before the service: whoever imports one of these modules of its ledger gets the one here,
// which itself imports, and mostly passes on, the real one.
import { registerHooks } from 'node:module'

const ledger = new URL('../../../../expenses-service/src/transactions/', import.meta.url)
const instead = new Map(
  [
    { name: 'journal.ts', here: new URL('journal.ts', import.meta.url) },
    { name: 'load.ts', here: new URL('load.ts', import.meta.url) },
    { name: 'request-hash.ts', here: new URL('request-hash.ts', import.meta.url) },
  ].map(({ name, here }) => [new URL(name, ledger).href, here.href]),
)

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const url = instead.get(found.url)
    return url === undefined || context.parentURL === url ? found : { ...found, url }
  },
})

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { runCommand } from '../../launcher/command.ts'
import { nodeProgram, repoDir } from '../../launcher/node-flags.ts'
import { preload } from './without.ts'

const ledger = pathToFileURL(join(repoDir, 'expenses-service', 'src', 'transactions')).href

/** Appends a row and looks for its key, as the service does. */
const program = `
  import { append, emptyBook } from '${ledger}/book.ts'
  import { load } from '${ledger}/load.ts'
  import { hashRequest } from '${ledger}/request-hash.ts'

  const requestHash = hashRequest('POST', '/', {})
  const book = emptyBook({ id: 'book', kind: 'debt', currency: 'EUR', participants: [] }, 2)
  const draft = { kind: 'advance', status: 'posted', enteredBy: 'Ana', amountMinor: 1n, postings: [],
    key: 'k', requestHash }
  const [{ row }] = append(book, [draft], '2026-01-01T00:00:00.000Z')

  const asked = []
  const query = async ({ values }) => {
    asked.push(...values.map(String))
    return { rows: [] }
  }
  const bookId = '0'.repeat(32)
  await load({ query }, { bookIds: [], entries: [], paymentKeys: [], sessionIds: [],
    keys: [{ bookId, userId: bookId, key: 'the key' }] }, [])

  console.log(JSON.stringify({
    requestHashed: requestHash.length > 0,
    keyKept: row.key !== undefined,
    sealed: /[^0]/.test(row.hash),
    keyLookedFor: asked.some((value) => value.includes('the key')),
  }))`

const run = async (flags: string[]): Promise<unknown> => {
  const args = [...flags, '--input-type=module', '--eval', program]
  return JSON.parse(await runCommand(nodeProgram(), args))
}

test('the build without keys and chain has neither, and the real one has both', async () => {
  const each = (is: boolean) => ({
    requestHashed: is,
    keyKept: is,
    sealed: is,
    keyLookedFor: is,
  })
  expect(await run(['--import', pathToFileURL(preload).href])).toEqual(each(false))
  expect(await run([])).toEqual(each(true))
})

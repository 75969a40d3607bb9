import { status as grpc } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { asLedgerError, catalogue, ledgerError, problemOf } from './errors.ts'

const documented = () => {
  const rows = Object.entries(catalogue)
    .toSorted(([a, one], [b, two]) => one.status - two.status || (a < b ? -1 : 1))
    .map(
      ([code, entry]) => `| \`${code}\` | ${entry.status} | ${grpc[entry.grpc]} | ${entry.title} |`,
    )
  return `# Error codes

Every refusal of the ledger is a problem document (RFC 9457) with one of these codes. This page is made
from the catalogue in \`expenses-service/src/errors.ts\`; a test holds that they agree.

| code | HTTP | gRPC | means |
|---|---|---|---|
${rows.join('\n')}
`
}

test('the documentation names every code', async () => {
  await expect(documented()).toMatchFileSnapshot('../../docs/errors.md')
})

test('a refusal becomes a problem with its members', () => {
  const refusal = ledgerError('overpayment', { members: { remaining: 'x' } })
  expect(problemOf(refusal)).toEqual({
    status: 422,
    code: 'overpayment',
    title: 'That is more than is owed.',
    members: { remaining: 'x' },
  })
})

test('a lost connection is 503 with a time to try again; what nobody knows is 500', () => {
  const lost = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  expect(problemOf(asLedgerError(lost))).toMatchObject({ status: 503, retryAfterSeconds: 1 })
  const silent = new Error('Query read timeout')
  expect(problemOf(asLedgerError(silent))).toMatchObject({ status: 503, retryAfterSeconds: 1 })
  expect(problemOf(asLedgerError(new Error('secret text')))).toEqual({
    status: 500,
    code: 'internal',
    title: 'Something broke here. It was noted.',
  })
})

import { amountMinorMax } from '@quits/proto/money'
import { expect, test } from 'vitest'
import { limits } from './limits.ts'

const count = (number: number | bigint) => number.toLocaleString('en')

const rows: [what: string, limit: string, beyond: string][] = [
  ['a name you give somebody', `${limits.nameLengthMax} characters`, '422 `invalid_request`'],
  ['a description', `${limits.descriptionLengthMax} characters`, '422 `invalid_request`'],
  ['a note or a reason', `${limits.noteLengthMax} characters`, '422 `invalid_request`'],
  ['a category', `${limits.categoryLengthMax} characters`, '422 `invalid_request`'],
  ['an amount', `1 to ${count(amountMinorMax)} minor units`, '422 `invalid_amount`'],
  ['the balance of a debt', `${count(amountMinorMax)} minor units`, '422 `balance_too_large`'],
  ['a date', `${limits.earliestOn} or later; entries: tomorrow at most`, '422 `invalid_date`'],
  ['debts of one person', count(limits.debtsPerUserMax), '422 `too_many_debts`'],
  [
    'debts that wait for an address without an account',
    count(limits.waitingPerAddressMax),
    'the debt is written down and shown to nobody else; an invitation still gives its seat',
  ],
  [
    'entries of one debt that wait for an answer',
    count(limits.pendingPerDebtMax),
    '422 `too_many_pending`',
  ],
  [
    'rows of a debt before the other one takes their seat; what waits counts with its answer',
    count(limits.rowsBeforeSeatMax),
    '422 `too_many_pending`',
  ],
  [
    'open debts that one payment is spread over',
    count(limits.debtsPerPaymentMax),
    '422 `too_many_debts_between`',
  ],
  [
    'open invitations to one debt',
    count(limits.invitationsPerDebtMax),
    '422 `too_many_invitations`',
  ],
  ['how long an invitation works', `${limits.invitationDays} days`, '404 `not_found`'],
  [
    'new addresses one person brings in per day',
    `${count(limits.firstContactsPerDay)} (\`FIRST_CONTACTS_PER_DAY\`)`,
    '429 `too_many_first_contacts`',
  ],
  [
    'invitations one person mails to one address per day',
    count(limits.mailsPerAddressPerDay),
    '429 `too_many_mails`',
  ],
  [
    'items on one page of a list',
    `${limits.pageSizeMax}; ${limits.pageSize} unless asked otherwise`,
    '422 `invalid_request`',
  ],
  ['the body of a request', `${count(limits.bodyBytesMax)} bytes`, '413 `body_too_large`'],
]

const documented = () => `# Limits

What the ledger takes, and what it answers beyond. This page is made from \`expenses-service/src/limits.ts\`;
a test holds that they agree, and other tests try each edge. Lengths are in UTF-16 units. How often one may
ask is another matter: \`throttler-service/policies.json\`.

| what | limit | beyond it |
|---|---|---|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`

test('the documentation states every limit', async () => {
  await expect(documented()).toMatchFileSnapshot('../../docs/limits.md')
})

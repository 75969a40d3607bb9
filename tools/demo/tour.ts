// What is printed when the story is told: who can sign in, and what is worth a look.
import type { Debt, Ending, Person, Story } from './acts.ts'

/** Endings worth a look, and what to see there; the debt and its people come first. */
const sights: [Ending, (debt: Debt) => string][] = [
  ['open', (debt) => `a long history; the newest entry waits for ${askedIn(debt)}`],
  ['reopened', () => 'was quits once, and went on'],
  ['settled', () => 'quits'],
  ['one-sided', () => 'only the owner sees it'],
  ['unjoined', (debt) => `counts already; ${askedIn(debt)} has not joined yet`],
  ['proposed', ({ borrower }) => `waits for ${borrower.name}; sign up as ${borrower.email}`],
  ['declined', () => 'declined, with a reason'],
  ['withdrawn', () => 'taken back before it was answered'],
]

const askedIn = (debt: Debt): string =>
  asks(debt, debt.lender.email ?? '') ? debt.lender.name : debt.borrower.name

const nameWidth = 8
const mailWidth = 26

/** One line per person: how to sign in, and what there is to see. */
export function castLines(story: Story): string[] {
  return story.people.map((person) => {
    const { name, email } = person
    return `  ${name.padEnd(nameWidth)}${email.padEnd(mailWidth)}${roleLine(person, story)}`
  })
}

function roleLine({ email }: Person, { debts }: Story): string {
  const counts = debts.filter(({ balanceMinor }) => balanceMinor > 0n)
  const lends = counts.filter(({ lender }) => lender.email === email)
  const borrows = counts.filter(({ borrower }) => borrower.email === email)
  const asked = debts.filter((debt) => asks(debt, email))
  const money = [...new Set([...lends, ...borrows].map(({ currency }) => currency))].sort()
  const waits = asked.length === 0 ? '' : `; ${asked.length} waiting for an answer`
  return `lent ${lends.length}×, borrowed ${borrows.length}×, ${money.join(' ')}${waits}`
}

/** True when this person is asked to say yes or no. */
function asks(debt: Debt, email: string): boolean {
  const { lender, borrower, pendingInMinor, pendingOutMinor, ending } = debt
  if (ending === 'unjoined' && lender.email === email) return true
  if (lender.email === email) return pendingOutMinor > 0n
  return borrower.email === email && pendingInMinor > 0n
}

/** One debt of each ending. */
export function sightLines({ debts }: Story): string[] {
  return sights.flatMap(([ending, describe]) => {
    const debt = debts.find((one) => one.ending === ending)
    if (debt === undefined) return []
    const { description, lender, borrower } = debt
    return [`  ${description} (${lender.name} lent ${borrower.name}): ${describe(debt)}`]
  })
}

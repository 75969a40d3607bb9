// Reads what each person sees and holds it against the story.
import { z } from 'zod'
import type { Debt, Story } from './acts.ts'
import { type Ask, expectAnswer } from './front-door.ts'
import type { Tokens } from './sign-in.ts'

const amountPart = z.object({ minor: z.string(), currency: z.string() })
const debtsPart = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      balance: amountPart,
      pending: z.object({ in: amountPart, out: amountPart }),
    }),
  ),
  next: z.string().nullable(),
})
type Seen = z.infer<typeof debtsPart>['items'][number]

const pageLength = 200
const pagesMax = 60

/** One sentence for each debt that does not stand, for one of its people, as the story says. */
export async function differences(
  story: Story,
  debtIds: Map<string, string>,
  { ask, tokens }: { ask: Ask; tokens: Tokens },
): Promise<string[]> {
  const perPerson = story.people.map(async ({ name, email }) => {
    const seen = await debtsOf(ask, tokens.get(email) ?? '')
    return story.debts
      .filter(({ lender, borrower }) => lender.email === email || borrower.email === email)
      .flatMap((debt) => {
        const wanted = standingOf(debt)
        const found = seenStanding(seen.get(debtIds.get(debt.id) ?? ''))
        return wanted === found ? [] : [`${name}, ${debt.description}: ${found}, not ${wanted}`]
      })
  })
  return (await Promise.all(perPerson)).flat()
}

/** Everything one person sees, by id. */
async function debtsOf(ask: Ask, token: string): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>()
  let cursor = ''
  for (let page = 0; page < pagesMax; page += 1) {
    const reply = await ask('GET', `/v1/debts?limit=${pageLength}${cursor}`, { token })
    const { items, next } = expectAnswer(debtsPart, reply, 'reading debts')
    for (const item of items) seen.set(item.id, item)
    if (next === null) break
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
  return seen
}

const standingOf = (debt: Debt) =>
  `${debt.status} at ${debt.balanceMinor} ${debt.currency}` +
  waiting(debt.pendingInMinor, debt.pendingOutMinor)

function seenStanding(seen: Seen | undefined): string {
  if (seen === undefined) return 'not there'
  const { status, balance, pending } = seen
  const waits = waiting(pending.in.minor, pending.out.minor)
  return `${status} at ${balance.minor} ${balance.currency}${waits}`
}

const waiting = (up: bigint | string, down: bigint | string) => `, waiting +${up} −${down}`

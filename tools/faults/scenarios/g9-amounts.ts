// G9: an amount is what was typed, to the last digit, or it is refused.
import * as fc from 'fast-check'
import { enteredAmount } from '../../../expenses-service/src/amount.ts'
import { currency, parsed, post } from '../debts.ts'
import type { Scenario } from '../scenario.ts'
import type { Signed, World } from '../world.ts'

const minorMax = 10n ** 15n
const togetherMax = 8

/** What an amount is, said in another way than the service says it. */
function isAmount(typed: unknown): boolean {
  if (typeof typed !== 'string' || typed.length === 0 || typed.length > 16) return false
  if (typed.split('').some((sign) => !'0123456789'.includes(sign))) return false
  if (typed.startsWith('0')) return false
  return BigInt(typed) <= minorMax
}

/** The broken twin: a reader that trusts floats. */
function isAmountToFloats(typed: unknown): boolean {
  const number = Number(typed)
  return Number.isInteger(number) && number > 0 && number <= Number(minorMax)
}

const wrongTexts = [
  'NaN',
  'Infinity',
  '0x10',
  '1_000',
  '1n',
  '',
  ' 1',
  '1 ',
  '01',
  '-0',
  '٣',
  '1e3',
]
const wrong: unknown[] = [...wrongTexts, null, true, 12, 1.5, [], {}, ['1']]

const typed: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 1n, max: minorMax }).map(String) },
  {
    weight: 2,
    arbitrary: fc.bigInt({ min: minorMax - 3n, max: minorMax + 3n }).map(String),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -10n, max: 2n ** 70n }).map(String) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9٠-٩０-９.,eE+\- ]{1,18}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(...wrong),
  },
)

export const amounts: Scenario = {
  id: 'G9',
  what: 'generated amounts: exact round trips, everything else refused, no float on the way',
  needs: 'any',
  async play(world, run) {
    const { seed, short } = run
    const read = (value: unknown) => enteredAmount.safeParse({ minor: value, currency }).success
    const values = fc.sample(typed, { seed, numRuns: short ? 20_000 : 100_000 })
    const differing = values.filter((value) => read(value) !== isAmount(value))
    const overHttp = await send(world, values.slice(0, short ? 400 : 5_000))
    return {
      figures: {
        amounts: values.length,
        good: values.filter(isAmount).length,
        overHttp: overHttp.sent,
        stored: overHttp.stored,
      },
      faults: [
        ...differing.slice(0, 10).map((value) => `judged wrongly: ${JSON.stringify(value)}`),
        ...overHttp.faults.slice(0, 10),
      ],
      twinCaught: values.some((value) => isAmountToFloats(value) !== isAmount(value)),
    }
  },
}

/** Each opens a debt of its own, so that no balance gets in the way. */
async function send(world: World, values: unknown[]) {
  const who = await world.person('Ana')
  const queue = values.entries()
  const faults: string[] = []
  const sent = new Map<string, string>()
  const work = async () => {
    for (const [, value] of queue) {
      const fault = await sendOne(world, who, value, sent)
      if (fault !== undefined) faults.push(`${JSON.stringify(value)}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: togetherMax }, work))
  const { rows } = await world.admin.query<{ id: string; minor: string }>(
    `SELECT book_id AS id, amount_minor::text AS minor FROM transactions WHERE entered_by = $1`,
    [who.userId],
  )
  for (const { id, minor } of rows) {
    if (sent.get(id) !== minor) faults.push(`${sent.get(id)} was stored as ${minor}`)
  }
  if (rows.length !== sent.size) faults.push(`${rows.length} rows for ${sent.size} amounts`)
  return { sent: values.length, stored: rows.length, faults }
}

async function sendOne(
  world: World,
  who: Signed,
  value: unknown,
  sent: Map<string, string>,
): Promise<string | undefined> {
  const reply = await post(world.callDirectly, who, '/v1/debts', {
    role: 'lender',
    counterparty: { name: 'Zoe' },
    opening: { minor: value, currency },
    description: 'an amount',
  })
  const expected = isAmount(value) ? 201 : 422
  if (reply.status !== expected) return `answered ${reply.status}`
  if (expected === 422) return undefined
  const { id, balance } = parsed(reply) as { id: string; balance: { minor: unknown } }
  sent.set(id, String(value))
  return balance.minor === value ? undefined : `came back as ${String(balance.minor)}`
}

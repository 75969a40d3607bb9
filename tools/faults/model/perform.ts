// Plays a story against the real routes and the model at once, and compares after every command.
import { randomUUID } from 'node:crypto'
import { audit, fingerprint } from '../audit.ts'
import { eur, get, parsed, post } from '../debts.ts'
import type { Reply } from '../http-call.ts'
import type { Signed, World } from '../world.ts'
import type { Command, Story } from './commands.ts'
import { type Actor, type DebtModel, type Expected, makeDebtModel } from './debt-model.ts'

export type Cast = Record<Actor, Signed>

export class Difference extends Error {
  override name = 'Difference'
}

export interface Tally {
  commands: number
  refusals: number
}

/** What was sent last, so that it can be sent again. */
interface Sent {
  by: Actor
  path: string
  key: string
  body: object
  reply: Reply
}

/** Throws a Difference at the first command after which service and model disagree. */
export async function perform(
  world: World,
  cast: Cast,
  story: Story,
  options: { bent: boolean; tally: Tally },
): Promise<void> {
  const model = makeDebtModel(story.opening, options.bent)
  const id = await open(world, cast, story)
  const path = `/v1/debts/${id}`
  let last: Sent | undefined
  const send = async (by: Actor, path: string, body: object, headers = {}, key = randomUUID()) => {
    const all = { 'idempotency-key': key, ...headers }
    const reply = await post(world.callDirectly, cast[by], path, body, all)
    return { by, path, key, body, reply }
  }

  const step = async (
    command: Command,
  ): Promise<{ sent: Sent; expected: Expected } | undefined> => {
    if (command.do === 'enter') {
      const { by, kind, amountMinor } = command
      const sent = await send(by, `${path}/transactions`, { kind, amount: eur(amountMinor) })
      return { sent, expected: model.enter(by, kind, amountMinor) }
    }
    if (command.do === 'answer-entry') {
      const { by, verb, seq } = command
      const sent = await send(by, `${path}/transactions/${seq}/${verb}`, {})
      return { sent, expected: model.answerEntry(by, verb, seq) }
    }
    if (command.do === 'answer-debt') {
      const { by, verb } = command
      const sent = await send(by, `${path}/${verb}`, {})
      return { sent, expected: model.answerDebt(by, verb) }
    }
    if (command.do === 'reverse') {
      const { by, seq } = command
      const sent = await send(by, `${path}/transactions/${seq}/reverse`, {})
      return { sent, expected: model.reverse(by, seq) }
    }
    if (command.do === 'stale') {
      const body = { kind: 'advance', amount: eur(1) }
      const stale = { 'if-match': '"999999"' }
      const sent = await send('owner', `${path}/transactions`, body, stale)
      return { sent, expected: { status: 409, code: 'stale' } }
    }
    if (last === undefined || last.reply.status >= 300) return undefined
    await expectRecognised(world, cast, last, command.do)
    return undefined
  }

  const agreement: Command[] = story.agreed
    ? [{ do: 'answer-debt', by: 'other', verb: 'accept' }]
    : []
  for (const command of [...agreement, ...story.commands]) {
    const before = await fingerprint(world.admin, [id])
    const stepped = await step(command)
    options.tally.commands += 1
    const after = await fingerprint(world.admin, [id])
    if (stepped === undefined) {
      if (after !== before) differ(command, 'a repetition changed something')
      continue
    }
    const { sent, expected } = stepped
    last = sent
    compareReply(command, sent.reply, expected)
    const refused = sent.reply.status >= 300
    if (refused) options.tally.refusals += 1
    if (refused !== (after === before)) {
      differ(command, refused ? 'a refusal left something behind' : 'an effect left nothing')
    }
    await compareDebt(world, cast, id, model, command)
  }
  await compareHistories(world, cast, id, story, model)
}

function differ(command: Command | string, what: string): never {
  const text = typeof command === 'string' ? command : JSON.stringify(command, digits)
  throw new Difference(`${what}, after ${text}`)
}

const digits = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)

async function open(world: World, cast: Cast, { opening }: Story): Promise<string> {
  const { role, oneSided, amountMinor } = opening
  const reply = await post(world.callDirectly, cast.owner, '/v1/debts', {
    role,
    counterparty: oneSided ? { name: 'Zoe' } : { email: cast.other.email },
    opening: eur(amountMinor),
    description: 'a story',
  })
  if (reply.status !== 201) differ('the opening', `${reply.status} ${reply.text}`)
  return String(parsed(reply)['id'])
}

/** Invariant 3: the same request again is the same answer; another one under its key is refused. */
async function expectRecognised(world: World, cast: Cast, sent: Sent, how: 'repeat' | 'reuse') {
  const { by, path, key, reply } = sent
  const other = path.endsWith('/transactions')
    ? { kind: 'advance', amount: eur(987_654) }
    : { reason: 'another body' }
  if (how === 'reuse' && !/(transactions|decline|reverse)$/.test(path)) return
  const body = how === 'reuse' ? other : sent.body
  const again = await post(world.callDirectly, cast[by], path, body, { 'idempotency-key': key })
  if (how === 'reuse') {
    if (again.status !== 422) differ(path, `a reused key answered ${again.status}`)
    return
  }
  const replayed = again.headers['idempotency-replayed'] === 'true'
  const same = !/(transactions|reverse)$/.test(path) || again.text === reply.text
  if (again.status !== reply.status || !replayed || !same) {
    differ(path, `a repetition answered ${again.status} ${again.text}`)
  }
}

function compareReply(command: Command, reply: Reply, expected: Expected): void {
  const body = parsed(reply)
  if (command.do === 'stale') {
    // Whatever else is wrong with it, at a version that is not the debt's it has no effect.
    if (reply.status < 400) differ(command, `answered ${reply.status}`)
    return
  }
  const code = 'code' in expected ? expected.code : undefined
  if (reply.status !== expected.status || body['code'] !== code) {
    differ(
      command,
      `${reply.status} ${String(body['code'])} instead of ${JSON.stringify(expected)}`,
    )
  }
  if ('seq' in expected && body['seq'] !== expected.seq) {
    differ(command, `row ${String(body['seq'])} instead of ${expected.seq}`)
  }
}

/** What the owner reads, and every invariant of the tables. */
async function compareDebt(
  world: World,
  cast: Cast,
  id: string,
  model: DebtModel,
  command: Command,
): Promise<void> {
  const [debt, offences] = await Promise.all([
    get(world.callDirectly, cast.owner, `/v1/debts/${id}`),
    audit(world.admin, [id]),
  ])
  const { status, balance, pending } = parsed(debt)
  const waiting = model.pending()
  const seen = JSON.stringify({ status, balance, pending })
  const expected = JSON.stringify({
    status: model.status(),
    balance: eur(model.balanceMinor()),
    pending: { in: eur(waiting.in), out: eur(waiting.out) },
  })
  if (seen !== expected) differ(command, `the debt reads ${seen} instead of ${expected}`)
  const [offence] = offences
  if (offence !== undefined) differ(command, `invariant ${offence.invariant}: ${offence.what}`)
}

/** Invariant 7: both see the same rows in the same order, and each names who entered it. */
async function compareHistories(
  world: World,
  cast: Cast,
  id: string,
  { opening }: Story,
  model: DebtModel,
): Promise<void> {
  const readers: Actor[] = opening.oneSided ? ['owner'] : ['owner', 'other']
  const seen = await Promise.all(readers.map((who) => historyOf(world, cast[who], id)))
  const standings = model.standings()
  for (const rows of seen) {
    const read = rows.map(({ status }) => status).reverse()
    if (JSON.stringify(read) !== JSON.stringify(standings)) {
      differ('the end', `the history reads ${read.join()} instead of ${standings.join()}`)
    }
    const parties = new Set([cast.owner.userId, cast.other.userId, null])
    const authors = rows.filter(({ enteredBy }) => !parties.has(enteredBy))
    if (authors.length > 0) differ('the end', 'a row names somebody who is no party')
  }
  const hashes = seen.map((rows) => rows.map(({ hash }) => hash).join())
  if (new Set(hashes).size > 1) differ('the end', 'the two parties read different histories')
}

interface HistoryRow {
  status: string
  hash: string
  enteredBy: string | null
}

async function historyOf(world: World, who: Signed, id: string): Promise<HistoryRow[]> {
  const reply = await get(world.callDirectly, who, `/v1/debts/${id}/transactions?limit=200`)
  return parsed(reply)['items'] as HistoryRow[]
}

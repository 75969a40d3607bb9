// G25: whatever is sent, the answer is a documented one, and soon.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { audit } from '../audit.ts'
import { load, openDebts } from '../debts.ts'
import { fuzz } from '../fuzz/fuzz.ts'
import { type Known, type Operation, operationsOf } from '../fuzz/requests.ts'
import { makeCall } from '../http-call.ts'
import { makeLedgerClient } from '../ledger-client.ts'
import type { Run, Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

export const fuzzing: Scenario = {
  id: 'G25',
  what: 'fuzzed requests to the ledger: no 5xx, no silence, nothing outside the document',
  needs: 'any',
  async play(world, run) {
    const count = run.short ? 3_000 : 100_000
    const { operations, known, debtIds } = await prepare(world, run)
    const { seed } = run
    const fuzzed = await fuzz(world.callDirectly, operations, known, { seed, count })
    const offences = await audit(world.admin, debtIds)
    const { requests, accepted, faults } = fuzzed
    return {
      figures: { requests, accepted, operations: operations.length, faults: faults.length },
      faults: [
        ...faults,
        ...offences.map(({ what }) => what),
        ...(accepted === 0 ? ['no request got past the door'] : []),
      ],
      twinCaught: (await fuzzNaive(operations, known, seed)) > 0,
    }
  },
}

async function prepare(world: World, { random }: Run) {
  const debts = await openDebts(world, 2)
  const client = makeLedgerClient({ call: world.callDirectly, random })
  await load({ client, debts, count: 10, clients: 2, random, prefix: 'fuzz' })
  const ending = await world.callDirectly({ method: 'GET', path: '/openapi.json' })
  if ('broken' in ending) throw new Error(`no OpenAPI document: ${ending.broken}`)
  const people = debts.flatMap(({ lender, borrower }) => [lender, borrower])
  const debtIds = debts.map(({ id }) => id)
  const known: Known = {
    ids: [...debtIds, ...people.map(({ userId }) => userId)],
    tokens: people.map(({ token }) => token),
  }
  return { operations: operationsOf(JSON.parse(ending.reply.text)), known, debtIds }
}

/** The broken twin: a service that believes what it is told. Counts the faults found in it. */
async function fuzzNaive(operations: Operation[], known: Known, seed: number): Promise<number> {
  const naive: RequestListener = (request, response) => {
    void text(request)
      .then((body) => BigInt(JSON.parse(body).opening.minor))
      .then(
        () => response.writeHead(201).end('{}'),
        () => response.writeHead(500).end('{}'),
      )
  }
  const server = createServer(naive).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { call, close } = makeCall((server.address() as AddressInfo).port)
  try {
    const opening = operations.filter(
      ({ method, path }) => `${method} ${path}` === 'POST /v1/debts',
    )
    const { faults } = await fuzz(call, opening, known, { seed, count: 50 })
    return faults.length
  } finally {
    close()
    server.close()
  }
}

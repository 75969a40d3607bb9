// G24: what is not yours does not exist, on every route and method.
import { fingerprint } from '../audit.ts'
import type { Call } from '../http-call.ts'
import { get } from '../debts.ts'
import type { Scenario } from '../scenario.ts'
import {
  methodsOfLedger,
  methodsWithoutPolicy,
  statusFor,
  tryMethods,
} from '../strangers/grpc-matrix.ts'
import { operationsOf, tryRoutes, withoutPolicy } from '../strangers/http-matrix.ts'
import { tryInternal } from '../strangers/internal-services.ts'
import { gatherCrowd, setStage, type Stage } from '../strangers/stage.ts'
import type { World } from '../world.ts'

export const strangers: Scenario = {
  id: 'G24',
  what: 'every route and method × everybody who is no party: nothing told, nothing done',
  needs: 'any',
  async play(world, run) {
    const stages = run.short ? 2 : 40
    const operations = await operationsIn(world)
    const methods = methodsOfLedger()
    const crowd = await gatherCrowd(world)
    const leaks: string[] = []
    let count = 0
    for (let n = 0; n < stages; n += 1) {
      const stage = await setStage(world)
      const before = await printOf(world, stage)
      const http = await tryRoutes(world.callDirectly, operations, stage, crowd)
      const grpc = await tryMethods(grpcAddressOf(world), stage, crowd)
      const internal = await tryInternal(grpcAddressOf(world), stage, crowd)
      count += http.count + grpc.count + internal.count
      leaks.push(...http.leaks, ...grpc.leaks, ...internal.leaks)
      if ((await printOf(world, stage)) !== before) {
        leaks.push('somebody changed what is not theirs')
      }
      leaks.push(...(await control(world, stage)))
    }
    const nameless = [...withoutPolicy(operations), ...methodsWithoutPolicy(methods)]
    return {
      figures: { attempts: count, routes: operations.length, methods: methods.length },
      faults: [...leaks.slice(0, 20), ...nameless.map((name) => `${name} has no policy row`)],
      twinCaught: await twinIsCaught(world),
    }
  },
}

const grpcAddressOf = (world: World) => `127.0.0.1:${world.service.grpcPort}`

/** Both debts of the stage, and what their people allow each other. */
const printOf = (world: World, { own }: Stage) => fingerprint(world.admin, [own.debt, own.offered])

async function operationsIn(world: World) {
  const ending = await world.callDirectly({ method: 'GET', path: '/openapi.json' })
  if ('broken' in ending) throw new Error(`no OpenAPI document: ${ending.broken}`)
  return operationsOf(JSON.parse(ending.reply.text))
}

/** The things are there: a matrix of things that nobody has would prove nothing. */
async function control(world: World, stage: Stage): Promise<string[]> {
  const { debt, own } = stage
  const paths = [`/v1/debts/${debt.id}`, `/v1/debts/${debt.id}/transactions/3`]
  const parties = [debt.lender, debt.borrower]
  const faults: string[] = []
  for (const path of [...paths, `/v1/debts/${debt.id}/transactions`]) {
    for (const who of parties) {
      const { status } = await get(world.callDirectly, who, path)
      if (status !== 200) faults.push(`GET ${path} to a party: ${status}`)
    }
  }
  // Over both: taking an invitation back once more is no fault.
  const revoked = await revoke(world.callDirectly, stage, debt.lender.token)
  if (revoked !== 204) faults.push(`DELETE of an invitation to its owner: ${revoked}`)
  const { token } = debt.lender
  const again = await statusFor(grpcAddressOf(world), 'RevokeInvitation', own, token)
  if (again !== 0) faults.push(`RevokeInvitation to its owner: ${again}`)
  return faults
}

async function revoke(call: Call, { own }: Stage, token: string): Promise<number | undefined> {
  const path = `/v1/debts/${own.offered}/invitations/${own.invitation}`
  const ending = await call({ method: 'DELETE', path, token })
  return 'broken' in ending ? undefined : ending.reply.status
}

/**
 * Builds that forget, on one route or method, whose debt or invitation it is; one that nobody wrote a row for; and
 * one that serves Journal and Identity to whoever reaches the ledger.
 */
async function twinIsCaught(world: World): Promise<boolean> {
  const stage = await setStage(world)
  const crowd = await gatherCrowd(world)
  const forgetful: Call = (asking) =>
    asking.method === 'GET' && asking.path.endsWith('/transactions/3')
      ? world.callDirectly({ ...asking, token: stage.debt.lender.token })
      : world.callDirectly(asking)
  const { token: strangers } = crowd.stranger
  const careless = (method: string, token: string | undefined) =>
    method === 'ReadProof' && token === strangers ? stage.debt.lender.token : token
  const grpc = await tryMethods(grpcAddressOf(world), stage, crowd, careless)
  const caught = grpc.leaks.length > 0 && grpc.leaks.every((leak) => leak.includes('ReadProof'))
  const before = await printOf(world, stage)
  const generous: Call = (asking) =>
    world.callDirectly({ ...asking, token: stage.debt.lender.token })
  const taking = [{ method: 'DELETE', path: '/v1/debts/{id}/invitations/{invitation}' }]
  const revoked = await tryRoutes(generous, taking, stage, crowd)
  const revokedSeen = revoked.leaks.length > 0 && (await printOf(world, stage)) !== before
  const row = [{ method: 'GET', path: '/v1/debts/{id}/transactions/{seq}' }]
  const { leaks } = await tryRoutes(forgetful, row, stage, crowd)
  const address = `127.0.0.1:${world.service.internalGrpcPort}`
  const open = await tryInternal(address, stage, crowd)
  const unheardOf = [
    ...withoutPolicy([{ method: 'GET', path: '/v1/transactions/{id}' }]),
    ...methodsWithoutPolicy(['GetEverything']),
  ]
  const allSeen = open.leaks.length === open.count
  return leaks.length > 0 && caught && allSeen && revokedSeen && unheardOf.length === 2
}

// Where everything of a stack listens, claimed before anything starts, so that each service can be
// told where the others will be.
import type { House } from './house.ts'
import type { ServiceName } from './ready.ts'

const frontDoorPort = 8080

export interface Listening {
  http: number
  grpc: number
  /** gRPC between our own services, without tokens. */
  internalGrpc: number
  metrics: number
}

export type Addresses = Record<ServiceName, Listening> & { frontDoor: string }

export async function claimAddresses(house: House): Promise<Addresses> {
  const fixed = house.env['QUITS_PORT']
  if (fixed && !isPort(fixed)) throw new Error(`QUITS_PORT is "${fixed}", not a port`)
  const wanted = fixed ? Number(fixed) : frontDoorPort
  const door = await house.ports.claimNear('proxy-http', wanted, Boolean(fixed))
  const claim = (name: string) => house.ports.claim(name)
  const listening = async (name: ServiceName): Promise<Listening> => ({
    http: name === 'proxy' ? door : await claim(`${name}-http`),
    grpc: await claim(`${name}-grpc`),
    internalGrpc: await claim(`${name}-internal-grpc`),
    metrics: await claim(`${name}-metrics`),
  })
  return {
    frontDoor: `http://127.0.0.1:${door}`,
    expenses: await listening('expenses'),
    throttler: await listening('throttler'),
    mailer: await listening('mailer'),
    notifier: await listening('notifier'),
    proxy: await listening('proxy'),
  }
}

export const local = (port: number) => `127.0.0.1:${port}`

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536
}

/** All routes of the ledger over HTTP. What they take is what its gRPC edge takes. */
import type { Route } from '../routing.ts'
import type { Writer } from '../transactions/writer.ts'
import { entryRoutes } from './entry-routes.ts'
import { invitationRoutes } from './invitation-routes.ts'
import type { InviteOptions } from './invite.ts'
import { debtLifeRoutes } from './life-routes.ts'
import { personRoutes } from './person-routes.ts'
import { debtProofRoute } from './proof-route.ts'
import { debtReadRoutes } from './read-routes.ts'
import { debtWriteRoutes } from './write-routes.ts'

export const ledgerRoutes = (options: InviteOptions & { writer: Writer }): Route[] => [
  ...debtWriteRoutes(options),
  ...entryRoutes(options),
  ...personRoutes(options),
  ...debtReadRoutes(options),
  debtProofRoute(options),
  ...debtLifeRoutes(options),
  ...invitationRoutes(options),
]

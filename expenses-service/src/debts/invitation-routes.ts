/** HTTP edge of invitations. */
import { readCursor } from '../cursor.ts'
import { type Route, route } from '../routing.ts'
import type { Writer } from '../transactions/writer.ts'
import { makeAcceptInvitation, makeDeclineInvitation } from './answer-invitation.ts'
import { etagOf } from './debt.ts'
import { findDebt } from './find-debt.ts'
import { type InviteOptions, makeInvite } from './invite.ts'
import {
  declinedAnswer,
  invitationsAnswer,
  inviteBody,
  invitedAnswer,
  shownAnswer,
  takeBody,
} from './invitation-shapes.ts'
import { invitationsOf } from './invitation-store.ts'
import { viewInvitation } from './invitation-view.ts'
import { emptyBody } from './life-shapes.ts'
import { paths } from './paths.ts'
import { idOf, seqMax } from './request.ts'
import { makeRevokeInvitation } from './revoke-invitation.ts'
import { debtAnswer, entriesQuery } from './shapes.ts'
import { makeShowInvitation } from './show-invitation.ts'

const replayHeader = (replayed: boolean) =>
  replayed ? { 'idempotency-replayed': 'true' } : undefined

const seqDigits = /^[1-9]\d{0,9}$/
const tokenOf = (params: Record<string, string>) => params['token'] ?? ''

/** Routes of who invites. */
const invitingRoutes = (options: InviteOptions): Route[] => {
  const { pool } = options
  const invite = makeInvite(options)
  const revoke = makeRevokeInvitation(options)
  return [
    route({
      method: 'post',
      path: '/v1/debts/:id/invitations',
      summary: 'Invite somebody to the other side of a debt, by a link or by mail',
      access: 'session',
      key: 'required',
      body: inviteBody,
      answers: { 201: invitedAnswer },
      async handle({ caller, key, params, body }) {
        const id = idOf(params['id'])
        const path = paths.invitations(id)
        const incoming = { caller, key, path, ifMatch: undefined, body }
        const { invitation, replayed } = await invite(id, incoming)
        const location = `${path}/${invitation.id}`
        return { status: 201, body: invitation, headers: { location, ...replayHeader(replayed) } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/debts/:id/invitations',
      summary: 'Your invitations to a debt, newest first, without their links',
      access: 'session',
      answers: { 200: invitationsAnswer },
      async handle({ caller, params }) {
        const { book } = await findDebt(pool, caller.userId, params['id'])
        const found = await invitationsOf(pool, { bookId: book.id, userId: caller.userId })
        return { status: 200, body: { items: found.map(viewInvitation) } }
      },
    }),
    route({
      method: 'delete',
      path: '/v1/debts/:id/invitations/:invitation',
      summary: 'Revoke an invitation; its link shows nothing any more',
      access: 'session',
      answers: { 204: null },
      async handle({ caller, params }) {
        const bookId = idOf(params['id'])
        await revoke({ bookId, id: idOf(params['invitation']), userId: caller.userId })
        return { status: 204 }
      },
    }),
  ]
}

/** Routes of who holds a link. */
const invitedRoutes = (deps: InviteOptions & { writer: Writer }): Route[] => {
  const show = makeShowInvitation(deps.pool)
  const accept = makeAcceptInvitation(deps)
  const decline = makeDeclineInvitation(deps)
  return [
    route({
      method: 'get',
      path: '/v1/invitations/:token',
      summary: 'The debt that an invitation shows, without an account',
      access: 'public',
      query: entriesQuery,
      answers: { 200: shownAnswer },
      async handle({ params, query }) {
        const [seq] = query.cursor ? readCursor(query.cursor, [seqDigits]) : []
        const beforeSeq = seq === undefined ? seqMax : Number(seq)
        return { status: 200, body: await show(tokenOf(params), { beforeSeq, limit: query.limit }) }
      },
    }),
    route({
      method: 'post',
      path: '/v1/invitations/:token/accept',
      summary: 'Take the seat that is offered, at the place in the history that you read',
      access: 'token',
      key: 'required',
      body: takeBody,
      answers: { 200: debtAnswer },
      async handle({ caller, key, params, body, header }) {
        const token = tokenOf(params)
        const path = paths.invitationVerb(token, 'accept')
        const incoming = { caller, key, path, ifMatch: header('if-match'), body }
        const { debt, replayed } = await accept(token, incoming)
        const headers = { etag: etagOf(debt), ...replayHeader(replayed) }
        return { status: 200, body: debt, headers }
      },
    }),
    route({
      method: 'post',
      path: '/v1/invitations/:token/decline',
      summary: 'Say no to an invitation; its link shows nothing any more',
      access: 'session',
      key: 'required',
      body: emptyBody,
      answers: { 200: declinedAnswer },
      async handle({ caller, params }) {
        const { replayed } = await decline(tokenOf(params), caller.userId)
        return { status: 200, body: { state: 'declined' }, headers: { ...replayHeader(replayed) } }
      },
    }),
  ]
}

export const invitationRoutes = (options: InviteOptions & { writer: Writer }): Route[] => [
  ...invitingRoutes(options),
  ...invitedRoutes(options),
]

/** Steps with invitations over HTTP, for integration tests. */
import { type MailJob, mailJob } from '@quits/proto/jobs'
import type { Person } from './people.ts'
import { eur, type Scene } from './scene.ts'

export const inviting = (scene: Scene) => {
  const look = (token: string, query = '') =>
    scene.request(undefined, 'GET', `/v1/invitations/${token}${query}`)

  /** Ana invites somebody to one of her debts. */
  const invite = async (debtId: string, body: unknown = {}, headers = {}) => {
    const made = await scene.post(scene.ana, `/v1/debts/${debtId}/invitations`, body, headers)
    return { ...made, token: String(made.body['token']), id: String(made.body['id']) }
  }

  const placeIn = async (token: string) => {
    const { body } = await look(token)
    return { seq: body['seq'], hash: body['hash'] }
  }

  return {
    look,
    invite,
    /** What the holder of the link has read and would agree to. */
    placeIn,
    /** Ana's debt with somebody who has only a name, at seq 2, and a link to it. */
    async oneSided() {
      const { body } = await scene.lend({ name: 'Cousin Lee' })
      const debtId = String(body['id'])
      const entry = { kind: 'repayment', amount: eur('1000'), note: 'cash' }
      await scene.post(scene.ana, `/v1/debts/${debtId}/transactions`, entry)
      return { debtId, ...(await invite(debtId)) }
    },
    /** Accepts at the present place, or at the one given. */
    async accept(person: Person, token: string, place?: unknown, headers = {}) {
      const body = place ?? (await placeIn(token))
      return scene.post(person, `/v1/invitations/${token}/accept`, body, headers)
    },
    /** Mails to an address that wait in the outbox. */
    async jobsTo(address: string): Promise<MailJob[]> {
      const { rows } = await scene.admin.query<{ job: string }>('SELECT job FROM outbox_jobs')
      const jobs = rows.map(({ job }) => mailJob.parse(JSON.parse(job)))
      return jobs.filter(({ to }) => to.address === address)
    },
  }
}

/** A small server that speaks as much SES v2 as SendEmail needs, and does what a test tells it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const sendEmail = z.object({
  FromEmailAddress: z.string(),
  Destination: z.object({ ToAddresses: z.tuple([z.string()]) }),
  Content: z.object({
    Simple: z.object({
      Subject: z.object({ Data: z.string() }),
      Body: z.object({
        Text: z.object({ Data: z.string() }),
        Html: z.object({ Data: z.string() }),
      }),
    }),
  }),
  EmailTags: z.array(z.object({ Name: z.string(), Value: z.string() })),
})

export interface SentMail {
  jobId: string
  to: string
  subject: string
  text: string
  html: string
}

/** An error as SES would name it, or nothing: accepted. `nth` counts the calls for one job from 1. */
export type Answer = (jobId: string, nth: number) => { status: number; type: string } | undefined

export const startFakeSes = async (options: { delayMs?: number; answer?: Answer } = {}) => {
  const accepted: SentMail[] = []
  const calls = new Map<string, number>()

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' || request.url !== '/v2/email/outbound-emails') {
      return response.writeHead(404).end()
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const order = sendEmail.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    const jobId = order.EmailTags.find((tag) => tag.Name === 'job')?.Value ?? 'none'
    const nth = (calls.get(jobId) ?? 0) + 1
    calls.set(jobId, nth)
    const refusal = options.answer?.(jobId, nth)
    if (refusal !== undefined) {
      const headers = { 'content-type': 'application/json', 'x-amzn-ErrorType': refusal.type }
      return response.writeHead(refusal.status, headers).end('{"message":"refused"}')
    }
    const { Subject, Body } = order.Content.Simple
    // Accepted before the answer: who is killed while waiting for it has still sent.
    accepted.push({
      jobId,
      to: order.Destination.ToAddresses[0],
      subject: Subject.Data,
      text: Body.Text.Data,
      html: Body.Html.Data,
    })
    await delay(options.delayMs ?? 0)
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ MessageId: `ses-${accepted.length}` }))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    accepted,
    callsOf: (jobId: string) => calls.get(jobId) ?? 0,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

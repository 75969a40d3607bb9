// The request that SES v2 calls SendEmail, reduced to what an inbox shows.
import { z } from 'zod'
import type { Message } from './messages.ts'

const part = z.object({ Data: z.string(), Charset: z.string().optional() })

const sendEmail = z.object({
  FromEmailAddress: z.string().min(1),
  Destination: z.object({
    ToAddresses: z.array(z.string()).optional(),
    CcAddresses: z.array(z.string()).optional(),
    BccAddresses: z.array(z.string()).optional(),
  }),
  Content: z.object({
    Simple: z
      .object({ Subject: part, Body: z.object({ Text: part.optional(), Html: part.optional() }) })
      .optional(),
    Raw: z.object({ Data: z.string() }).optional(),
  }),
})

const recipientsMax = 50

/** The message, or a sentence that says what the request lacks. */
export function parseOutbound(body: unknown, id: string, at: string): Message | string {
  const parsed = sendEmail.safeParse(body)
  if (!parsed.success) return z.prettifyError(parsed.error)
  const { FromEmailAddress: from, Destination: destination, Content: content } = parsed.data
  const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = destination
  const to = [...ToAddresses, ...CcAddresses, ...BccAddresses].map(bareAddress)
  if (to.length === 0) return 'The destination names no recipient.'
  if (to.length > recipientsMax) return `More than ${recipientsMax} recipients.`
  const envelope = { id, from, to, at }
  if (content.Simple !== undefined) {
    const { Subject, Body } = content.Simple
    if (Body.Text === undefined && Body.Html === undefined) return 'The body is empty.'
    const words = { text: Body.Text?.Data ?? '', html: Body.Html?.Data ?? '' }
    return { ...envelope, subject: Subject.Data, ...words }
  }
  if (content.Raw !== undefined) {
    const raw = Buffer.from(content.Raw.Data, 'base64').toString('utf8')
    const subject = /^Subject: *(.*)$/im.exec(raw)?.[1]?.trim() ?? ''
    return { ...envelope, subject, text: raw, html: '' }
  }
  return 'The content is neither Simple nor Raw.'
}

/** `Bo <bo@example.test>` → `bo@example.test`. */
function bareAddress(address: string): string {
  return /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address.trim()
}

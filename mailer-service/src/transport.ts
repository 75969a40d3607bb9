/** Mail through Amazon SES (API v2), or a local server that speaks it. */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { Mail } from './templates.ts'

/** One call, from the first byte to the answer. */
const callMsMax = 10_000

export interface Envelope {
  jobId: string
  template: string
  address: string
}

export type Transport = ReturnType<typeof makeTransport>

export const makeTransport = (options: {
  region: string
  endpoint: string | undefined
  from: string
}) => {
  const { region, endpoint, from } = options
  const client = new SESv2Client({
    region,
    // The queue owns the retries; the SDK's own would count one throttle three times.
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    // Plain http is never AWS: a local server gets a placeholder instead of real credentials.
    ...(endpoint?.startsWith('http:')
      ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
      : {}),
  })

  return {
    /**
     * Resolves with SES's message id: accepted, which is not yet delivered. SendEmail knows no
     * client token, so a lost answer cannot be told from a lost call; the tag carries the job's id.
     */
    async send(envelope: Envelope, mail: Mail): Promise<string> {
      const part = (data: string) => ({ Data: data, Charset: 'UTF-8' })
      const command = new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [envelope.address] },
        Content: {
          Simple: {
            Subject: part(mail.subject),
            Body: { Text: part(mail.text), Html: part(mail.html) },
          },
        },
        EmailTags: [
          { Name: 'job', Value: envelope.jobId },
          { Name: 'template', Value: envelope.template },
        ],
      })
      const answer = await client.send(command, { abortSignal: AbortSignal.timeout(callMsMax) })
      return answer.MessageId ?? 'none'
    },
    close: () => client.destroy(),
  }
}

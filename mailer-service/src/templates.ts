/** Mails as pure functions: a message and a person in, subject, text and HTML out. */
import { type Sentences, sentencesFor } from './catalogue.ts'
import { codeBlock, page, paragraph } from './layout.ts'

export type Message = { template: 'code'; code: string } | { template: 'account-exists' }

export interface Mail {
  subject: string
  text: string
  html: string
}

interface Reader {
  locale: string
  name: string
  /** Until the job expires. */
  lifetimeMs: number
}

/** The code stands in subject, text and HTML, and no other number of 4 to 8 digits before it. */
export const render = (message: Message, reader: Reader): Mail => {
  const sentences = sentencesFor(reader.locale)
  const mail =
    message.template === 'code'
      ? codeMail(sentences, reader, message.code)
      : accountExistsMail(sentences, reader)
  return { ...mail, subject: oneLine(mail.subject) }
}

const codeMail = (sentences: Sentences, reader: Reader, code: string): Mail => {
  const { subject, preheader, lead, lifetime, ignore } = sentences.code
  const greeting = sentences.greeting(printableName(reader.name))
  const below = [lifetime(minutesOf(reader.lifetimeMs)), ignore]
  return {
    subject: subject(code),
    text: plain([greeting, lead, code, ...below, sentences.signature]),
    html: page(sentences, subject(code), preheader(code), [
      ...[greeting, lead].map(paragraph),
      codeBlock(code),
      ...below.map(paragraph),
    ]),
  }
}

const accountExistsMail = (sentences: Sentences, reader: Reader): Mail => {
  const { subject, preheader, paragraphs } = sentences.accountExists
  const body = [sentences.greeting(printableName(reader.name)), ...paragraphs]
  return {
    subject,
    text: plain([...body, sentences.signature]),
    html: page(sentences, subject, preheader, body.map(paragraph)),
  }
}

const nameLengthMax = 40

/**
 * The name as a greeting may print it, or undefined. Anybody may sign up any address under any
 * name, so what could carry a message of its own stays out: digits would pass for a code, dots and
 * slashes turn into links, a line break makes a paragraph.
 */
export const printableName = (name: string): string | undefined => {
  const trimmed = name.trim()
  return trimmed.length <= nameLengthMax && /^[\p{L}\p{M}'’ -]+$/u.test(trimmed)
    ? trimmed
    : undefined
}

/** A header is one line: control characters, which could begin another header, become spaces. */
export const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()

const plain = (paragraphs: string[]) => `${paragraphs.join('\n\n')}\n`

const minutesOf = (milliseconds: number) => Math.max(1, Math.round(milliseconds / 60_000))

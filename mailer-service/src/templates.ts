/** Mails as pure functions: a message and a person in, subject, text and HTML out. */
import { type Money, minorDigits } from '@quits/proto/money'
import { type Sentences, sentencesFor } from './catalogue.ts'
import { codeBlock, linkBlock, page, paragraph } from './layout.ts'

export type Message =
  | { template: 'code'; code: string }
  | { template: 'account-exists' }
  | Invitation

/** From somebody the reader may not know: their name and an amount are all they can say. */
interface Invitation {
  template: 'invitation'
  inviter: string
  amount: Money
  link: string
}

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
  const mail = mailOf(sentences, reader, message)
  return { ...mail, subject: oneLine(mail.subject) }
}

const mailOf = (sentences: Sentences, reader: Reader, message: Message): Mail => {
  if (message.template === 'code') return codeMail(sentences, reader, message.code)
  if (message.template === 'invitation') return invitationMail(sentences, reader, message)
  return accountExistsMail(sentences, reader)
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

const invitationMail = (sentences: Sentences, reader: Reader, message: Invitation): Mail => {
  const { subject, preheader, lead, button, expires, ignore } = sentences.invitation
  const who = printableName(message.inviter)
  const amount = amountText(message.amount, sentences.language)
  const greeting = sentences.greeting(printableName(reader.name))
  const below = [expires(daysOf(reader.lifetimeMs)), ignore]
  return {
    subject: subject(who, amount),
    text: plain([greeting, lead(who, amount), message.link, ...below, sentences.signature]),
    html: page(sentences, subject(who, amount), preheader, [
      ...[greeting, lead(who, amount)].map(paragraph),
      linkBlock(button, message.link),
      ...below.map(paragraph),
    ]),
  }
}

/** Exact: the amount goes to the formatter as a decimal text, never as a float. */
const amountText = ({ minor, currency }: Money, language: string): string => {
  const digits = minorDigits(currency) ?? 0
  const padded = minor.padStart(digits + 1, '0')
  const whole = padded.slice(0, padded.length - digits)
  const decimal = digits === 0 ? whole : `${whole}.${padded.slice(-digits)}`
  const form = { style: 'currency', currency, currencyDisplay: 'code' } as const
  const format = new Intl.NumberFormat(language, {
    ...form,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  return format.format(decimal as Intl.StringNumericLiteral)
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

const dayMs = 86_400_000
const daysOf = (milliseconds: number) => Math.max(1, Math.round(milliseconds / dayMs))
const minutesOf = (milliseconds: number) => Math.max(1, Math.round(milliseconds / 60_000))

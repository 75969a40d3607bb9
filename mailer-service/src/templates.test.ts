import { expect, test } from 'vitest'
import { sentencesFor } from './catalogue.ts'
import { escapeHtml } from './layout.ts'
import { type Mail, oneLine, printableName, render } from './templates.ts'

const code = '04719365'
const bo = { locale: 'en', name: 'Bo', lifetimeMs: 599_000 }
const codeMail = () => render({ template: 'code', code }, bo)

/** What a mail program offers: the first number of 4 to 8 digits it meets. */
const firstNumber = (text: string) => /\d{4,8}/.exec(text)?.[0]
const linesBeforeCode = (mail: Mail) => {
  const lines = mail.text.split('\n')
  return lines.slice(0, lines.indexOf(code))
}

test('the text has the code on a line of its own, before any other digits', () => {
  const { text } = codeMail()
  expect(text.split('\n')).toContain(code)
  expect(linesBeforeCode(codeMail()).join('')).not.toMatch(/\d/)
})

test('subject, text and HTML carry the same code, and no number that could pass for it', () => {
  const { subject, text, html } = codeMail()
  expect([subject, text, html].map(firstNumber)).toEqual([code, code, code])
  expect(new Set(`${subject}${text}${html}`.match(/\d{4,}/g))).toEqual(new Set([code]))
})

test('the check can fail: a mail that begins with another number is seen', () => {
  const mail = codeMail()
  const broken = { ...mail, text: `Order 20261120\n\n${mail.text}` }
  expect(firstNumber(broken.text)).not.toBe(code)
  expect(linesBeforeCode(broken).join('')).toMatch(/\d/)
})

test('the mail says how long the code works and what to do when one did not ask', () => {
  for (const part of [codeMail().text, codeMail().html]) {
    expect(part).toContain('10 minutes')
    expect(part).toContain('If you did not ask for this, ignore it')
  }
})

test('a code that was held up says the minutes that are left, never none', () => {
  const textWith = (lifetimeMs: number) =>
    render({ template: 'code', code }, { ...bo, lifetimeMs }).text
  expect(textWith(180_000)).toContain('3 minutes')
  expect(textWith(20_000)).toContain('1 minute.')
})

test('the preheader begins the visible text of the HTML with the code', () => {
  const body = codeMail()
    .html.split('<body')[1]
    ?.replaceAll(/<[^>]*>|^[^>]*>/g, ' ')
  expect(body?.trim().startsWith(code)).toBe(true)
})

test('no mail has a link, a picture or a remote style', () => {
  const mails = [codeMail(), render({ template: 'account-exists' }, bo)]
  for (const { html } of mails) expect(html).not.toMatch(/href|src=|url\(|<img|https?:/i)
})

test('the mail about an existing account has no digits in its text and tells the way in', () => {
  const { subject, text } = render({ template: 'account-exists' }, bo)
  expect(subject).toBe('You already have a Quits account')
  expect(text).toContain('ask for a code')
  expect(text).not.toMatch(/\d/)
})

test.each([
  '<img src=x onerror=alert(1)>',
  'Bo\r\nBcc: everybody@example.com',
  'Your code is 12345678',
  'Win at evil.example',
  'https://evil.example',
  'Bo\u2028Bo',
  '४४४४४४४४',
  'x'.repeat(41),
  '  ',
])('a name that could carry a message of its own is not printed: %j', (name) => {
  const { subject, text, html } = render({ template: 'code', code }, { ...bo, name })
  expect(printableName(name)).toBeUndefined()
  expect(text.startsWith('Hello,\n')).toBe(true)
  expect(`${subject}${text}${html}`).toBe(
    Object.values(render({ template: 'code', code }, { ...bo, name: '' })).join(''),
  )
})

test.each(['Bo', "Sinéad O'Connor", 'Anna-Lena', 'नेहा', 'محمد'])('%s is greeted', (name) => {
  const { subject, text, html } = render({ template: 'account-exists' }, { ...bo, name })
  expect(text).toContain(`Hello ${name},`)
  expect(html).toContain(`Hello ${escapeHtml(name)},`)
  expect(subject).not.toContain(name)
})

test('everything in the HTML is escaped', () => {
  expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;')
  expect(render({ template: 'account-exists' }, bo).html).toContain('&quot;Sign in&quot;')
})

test('a subject stays one line', () => {
  expect(oneLine('Hello\r\nBcc: x@example.com\u0000\u2029!')).toBe('Hello Bcc: x@example.com !')
})

test('an unknown language falls back to English', () => {
  expect(sentencesFor('tlh-QO').language).toBe('en')
  expect(sentencesFor('en-GB').language).toBe('en')
  expect(render({ template: 'code', code }, { ...bo, locale: 'tlh' })).toEqual(codeMail())
})

const link = 'https://quits.test/invitations/abcDEF-_'
const inviting = (inviter: string, minor = '4000', currency = 'EUR') =>
  render(
    { template: 'invitation', inviter, amount: { minor, currency }, link },
    { locale: 'en', name: '', lifetimeMs: 30 * 86_400_000 },
  )
const spaced = (text: string) => text.replaceAll('\u00a0', ' ')

test('an invitation says who, how much and where, and how long the link works', () => {
  const { subject, text, html } = inviting('Ana')
  expect(spaced(subject)).toBe('Ana wrote down EUR 40.00 with you')
  expect(text.split('\n')).toContain(link)
  expect(text).toContain('30 days')
  expect(html.match(/href="[^"]*"/g)).toEqual([`href="${link}"`])
})

test.each([
  ['5', 'EUR', 'EUR 0.05'],
  ['4000', 'JPY', 'JPY 4,000'],
  ['1234567', 'KWD', 'KWD 1,234.567'],
  ['1000000000000000', 'EUR', 'EUR 10,000,000,000,000.00'],
  ['999999999999999', 'EUR', 'EUR 9,999,999,999,999.99'],
])('%s minor units of %s are written %s', (minor, currency, amount) => {
  expect(spaced(inviting('Ana', minor, currency).text)).toContain(amount)
})

test('a name that could carry a message of its own does not reach a stranger', () => {
  for (const name of ['Win at evil.example', 'Bo\r\nBcc: x@example.com', '<b>Ana</b>']) {
    const mail = inviting(name)
    expect(mail).toEqual(inviting(''))
    expect(mail.subject).toContain('Somebody')
  }
})

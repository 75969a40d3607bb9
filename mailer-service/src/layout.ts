/**
 * The HTML of our mails: inline styles only, no picture, nothing that tracks, and no link but the
 * one that a mail is about. The colours
 * are the paper ledger's light ones; none holds four digits in a row, which a mail program might
 * take for the code.
 */
import type { Sentences } from './catalogue.ts'

const paper = '#FAF8F3'
const card = '#FFFFFF'
const ink = '#1B1E1C'
const inkQuiet = '#555A56'
const brand = '#1F5F4A'
const hairline = '#DDD7CB'
const tint = '#E3F2EB'
const textFont = "system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
const headFont = `Figtree,${textFont}`

/** A whole document. `blocks` are HTML already; all else is escaped here. */
export const page = (
  sentences: Sentences,
  title: string,
  preheader: string,
  blocks: string[],
): string =>
  `<!doctype html>
<html lang="${sentences.language}" dir="${sentences.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title>${escapeHtml(title)}</title>
</head>
<body style="margin:0;padding:24px 12px;background:${paper};color:${ink};font:16px/24px ${textFont}">
<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(preheader)}</div>
<div style="max-width:480px;margin:0 auto">
<p style="margin:0 0 12px;font:700 20px/28px ${headFont};color:${brand}">Quits</p>
<div style="background:${card};border:1px solid ${hairline};border-radius:12px;padding:24px">
${blocks.join('\n')}
</div>
<p style="margin:12px 0 0;font-size:14px;color:${inkQuiet}">${escapeHtml(sentences.signature)}</p>
</div>
</body>
</html>
`

export const paragraph = (text: string): string =>
  `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`

/** Eight digits to read and to copy: one run of text, widened by spacing alone. */
export const codeBlock = (code: string): string =>
  `<p style="margin:0 0 16px;padding:16px;background:${tint};border-radius:12px;text-align:center;` +
  `font:700 28px/36px ${headFont};letter-spacing:4px;font-variant-numeric:tabular-nums">` +
  `${escapeHtml(code)}</p>`

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)

/** The one thing to do; its address is also shown as text below, for who does not trust a button. */
export const linkBlock = (label: string, url: string): string =>
  `<p style="margin:0 0 16px"><a href="${escapeHtml(url)}" style="display:inline-block;` +
  `padding:12px 20px;background:${brand};color:${card};border-radius:12px;text-decoration:none">` +
  `${escapeHtml(label)}</a></p>\n` +
  `<p style="margin:0 0 16px;font-size:14px;color:${inkQuiet};overflow-wrap:anywhere">` +
  `${escapeHtml(url)}</p>`

// The inbox page: one small document that asks the API and is told when something arrives.
// Mail is untrusted: words are set as text, HTML is shown in a frame that may do nothing.
import { createHash } from 'node:crypto'

const style = `
:root { color-scheme: light dark; --paper: #faf8f3; --card: #fff; --ink: #1b1e1c; --ink2: #555a56;
  --line: #ddd7cb; --brand: #1f5f4a; --focus: #1d4ed8 }
@media (prefers-color-scheme: dark) { :root { --paper: #131614; --card: #1c201d; --ink: #f1efe8;
  --ink2: #b5b9b3; --line: #343a35; --brand: #6fcfa8; --focus: #8ab4ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
main { max-width: 44rem; margin: 0 auto; padding: 24px 16px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px }
p.lead { margin: 0 0 24px; color: var(--ink2) }
article { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 16px 20px; margin: 0 0 12px }
h2 { font-size: 20px; line-height: 1.3; margin: 0 }
.meta { color: var(--ink2); font-size: 14px; margin: 4px 0 12px; overflow-wrap: anywhere }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
summary { color: var(--brand); cursor: pointer; padding: 8px 0; margin-top: 8px }
summary:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
iframe { width: 100%; height: 24rem; border: 1px solid var(--line); border-radius: 8px;
  background: #fff; color-scheme: light }
`

const script = `
const list = document.querySelector('#list')
const known = new Set()
const make = (tag, text, name) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (name !== undefined) element.className = name
  return element
}
const show = (message) => {
  const card = make('article')
  const when = new Date(message.at).toLocaleString()
  card.append(make('h2', message.subject || '(no subject)'))
  card.append(make('p', 'To ' + message.to + ' · ' + when, 'meta'))
  if (message.text) card.append(make('pre', message.text))
  if (message.html) {
    const details = make('details')
    details.append(make('summary', 'As it looks in a mail program'))
    details.addEventListener('toggle', () => {
      if (!details.open || details.querySelector('iframe')) return
      const frame = make('iframe')
      frame.setAttribute('sandbox', '')
      frame.title = 'The message as HTML'
      frame.srcdoc = message.html
      details.append(frame)
    })
    card.append(details)
  }
  return card
}
const refresh = async () => {
  const to = new URLSearchParams(location.search).get('to')
  const answer = await fetch('/api/messages' + (to ? '?to=' + encodeURIComponent(to) : ''))
  const messages = (await answer.json()).slice(0, 200)
  for (const message of messages.reverse()) {
    if (known.has(message.id)) continue
    known.add(message.id)
    list.prepend(show(message))
  }
  document.querySelector('#empty').hidden = known.size > 0
}
const source = new EventSource('/api/watch')
source.onmessage = refresh
source.onopen = refresh
refresh()
`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox · Quits in development</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Inbox</h1>
<p class="lead">Every mail that Quits sends on this machine lands here, whoever it is for.
Nothing leaves the machine. The newest is on top; new ones appear as they arrive.</p>
<p id="empty">Nothing has arrived yet. Sign up at the front door, and the code will be here.</p>
<div id="list" aria-live="polite"></div>
</main>
<script>${script}</script>
</body>
</html>
`

/** The document and the policy that allows exactly its own style and script. */
export const inboxPage = {
  html,
  policy: [
    `default-src 'none'; connect-src 'self'; script-src ${hashOf(script)}`,
    // Mail brings its styles and pictures along; the frame's sandbox keeps scripts out.
    `style-src 'unsafe-inline'; img-src data: https:; frame-src 'self'`,
  ].join('; '),
}

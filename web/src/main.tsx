import { createRoot } from 'react-dom/client'
import { makeClient } from './api/client.ts'
import { makeQuits } from './api/quits.ts'
import { makeSession } from './api/session.ts'
import { App } from './app.tsx'
import { takeTurns } from './browser.ts'
import '@fontsource-variable/figtree/wght.css'
import './styles.css'

const fetch = globalThis.fetch.bind(globalThis)
const session = makeSession({ fetch, takeTurns, now: Date.now })
const quits = makeQuits(makeClient({ fetch, session }))
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')

createRoot(root).render(<App parts={{ quits, session }} />)
void session.start()

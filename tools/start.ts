// `npm start`: the whole of Quits on this machine, until Ctrl-C.
import { runCommandUntilStopped } from './launcher/foreground.ts'
import { defaultDataDir } from './launcher/house.ts'
import { startStackIn } from './launcher/stack.ts'

console.log('Quits is starting: servers first, then the five services and the web app.\n')

await runCommandUntilStopped(async (house) => {
  const { url, inbox } = await startStackIn(house)
  console.log(`
Quits is ready.

  Front door  ${url}
  Inbox       ${inbox}

Next: open the front door, sign up with any address, and read the 8-digit code in the inbox.
  npm run demo    in another terminal fills it with a story to look at
  Ctrl-C          stops everything; what you recorded stays in ${house.dataDir}
`)
}, defaultDataDir(process.env))

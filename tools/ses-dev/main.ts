// Entry of the development mail server: SES_DEV_PORT, SES_DEV_FOLDER, 127.0.0.1 only.
import { openMessages } from './messages.ts'
import { makeSesServer } from './server.ts'

const port = Number(process.env['SES_DEV_PORT'])
const folder = process.env['SES_DEV_FOLDER']
if (!Number.isInteger(port) || port < 1 || folder === undefined) {
  console.error('SES_DEV_PORT (a port) and SES_DEV_FOLDER (a folder) are needed.')
  process.exit(1)
}

const server = makeSesServer(openMessages(folder), () => new Date())
server.listen(port, '127.0.0.1', () => console.log(`ses-dev listens on 127.0.0.1:${port}`))
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})

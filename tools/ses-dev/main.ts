// Entry of the development mail server. SES_DEV_PORT and SES_DEV_FOLDER are needed; SES_DEV_HOST is
// 127.0.0.1 unless a container says otherwise.
import { openMessages } from './messages.ts'
import { makeSesServer } from './server.ts'

const port = Number(process.env['SES_DEV_PORT'])
const folder = process.env['SES_DEV_FOLDER']
const host = process.env['SES_DEV_HOST'] || '127.0.0.1'
if (!Number.isInteger(port) || port < 1 || !folder) {
  console.error('SES_DEV_PORT (a port) and SES_DEV_FOLDER (a folder) are needed.')
  process.exit(1)
}

const server = makeSesServer(openMessages(folder), () => new Date())
server.listen(port, host, () => console.log(`ses-dev listens on ${host}:${port}`))
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})

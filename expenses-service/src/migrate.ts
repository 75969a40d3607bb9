/** Brings the database up to date. Run before the service, with the rights of the owner. */
import { fileURLToPath } from 'node:url'
import { parseConfig } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { migrate } from '@quits/kit/migrations'
import { z } from 'zod'

const config = parseConfig(process.env, { POSTGRES_MIGRATOR_URL: z.string().min(1) })
const log = makeLog({ service: 'expenses', level: 'info' })
const applied = await migrate({
  url: config.POSTGRES_MIGRATOR_URL,
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
  schema: 'public',
})
log.info({ applied }, 'database is up to date')

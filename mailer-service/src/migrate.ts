/** Brings the schema `mail` up to date; run before the service, with a role that may create. */
import { fileURLToPath } from 'node:url'
import { parseConfig } from '@quits/kit/config'
import { makeLog } from '@quits/kit/log'
import { migrate } from '@quits/kit/migrations'
import { z } from 'zod'

const { POSTGRES_MIGRATOR_URL: url } = parseConfig(process.env, { POSTGRES_MIGRATOR_URL: z.url() })
const folder = fileURLToPath(new URL('../migrations', import.meta.url))
const applied = await migrate({ url, folder, schema: 'mail' })
makeLog({ service: 'mailer', level: 'info' }).info({ applied }, 'migrated')

// Brings the database to the shape of this checkout, then lets the services' roles in.
import { join } from 'node:path'
import pg from 'pg'
import { runCommand } from './command.ts'
import { reasonOf, startFailure } from './failure.ts'
import { nodeFlags, nodeProgram, repoDir } from './node-flags.ts'
import type { Progress } from './progress.ts'
import type { Secrets } from './secrets.ts'
import { databaseRoles, rolePassword } from './service-plans.ts'
import type { RoleOwner } from './service-plans.ts'

const folders: Record<RoleOwner, string> = {
  expenses: 'expenses-service',
  mailer: 'mailer-service',
}
const migrateMsMax = 120_000

export async function migrate(
  adminUrl: string,
  secrets: Secrets,
  progress: Progress,
): Promise<void> {
  const part = progress.part('migrations')
  part.say('bringing the database up to date')
  // One after the other: both may want to create the database's shared extensions.
  for (const owner of Object.keys(folders) as RoleOwner[]) await migrateOne(owner, adminUrl)
  await letRolesIn(adminUrl, secrets)
  part.ready('the database has the shape of this checkout')
}

async function migrateOne(owner: RoleOwner, adminUrl: string): Promise<void> {
  const script = join(repoDir, folders[owner], 'src', 'migrate.ts')
  const env = { NODE_ENV: 'development', POSTGRES_MIGRATOR_URL: adminUrl }
  const args = [...nodeFlags({ heapMb: 128 }), script]
  try {
    await runCommand(nodeProgram(), args, { env, cwd: repoDir, timeoutMs: migrateMsMax })
  } catch (error) {
    throw startFailure({ part: `the migration of ${folders[owner]}`, reason: reasonOf(error) })
  }
}

async function letRolesIn(adminUrl: string, secrets: Secrets): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    for (const [owner, role] of Object.entries(databaseRoles) as [RoleOwner, string][]) {
      // A password cannot be a parameter here; ours is base64url and needs no escaping.
      await client.query(`alter role ${role} login password '${rolePassword(secrets, owner)}'`)
    }
  } finally {
    await client.end()
  }
}

// Databases of a bench, all on its one Postgres.
import pg from 'pg'

/** Beside the one that `url` names: empty, or a copy of one that nobody is connected to. */
export async function createDatabase(
  url: string,
  name: string,
  { copyOf }: { copyOf?: string } = {},
): Promise<string> {
  const postgres = new URL(url)
  postgres.pathname = '/postgres'
  const template = copyOf === undefined ? '' : ` TEMPLATE ${new URL(copyOf).pathname.slice(1)}`
  await withClient(postgres.href, (client) => client.query(`CREATE DATABASE ${name}${template}`))
  const target = new URL(url)
  target.pathname = `/${name}`
  return target.href
}

/** Files of the log as they are written between two checkpoints of `max_wal_size` 4 GB. */
const logFiles = 160

/**
 * Makes the files of the log that a database has which ran for a while: it writes them again and again,
 * and only a new one pays for making them. Takes three gigabytes of disk.
 */
export async function ageLog(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (let file = 0; file < logFiles; file += 1) {
      await client.query(`SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()`)
    }
    await client.query('CHECKPOINT')
  })
}

/** Drops it, whoever is connected; `url` names another one on the same server. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await withClient(url, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
}

export async function withClient<T>(
  url: string,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end()
  }
}

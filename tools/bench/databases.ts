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

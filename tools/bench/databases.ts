// Databases of a bench, all on its one Postgres.
import pg from 'pg'

/** An empty one beside the one that `url` names. */
export async function createDatabase(url: string, name: string): Promise<string> {
  await withClient(url, (client) => client.query(`CREATE DATABASE ${name}`))
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

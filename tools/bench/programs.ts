// The load generators: pgbench and wrk, found on the machine or unpacked from Debian.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../launcher/cache.ts'
import { findProgram } from '../launcher/command.ts'
import { libraryPath, provideDebian } from '../servers/debian.ts'

export interface Program {
  path: string
  env: Record<string, string>
}

export interface Programs {
  pgbench: Program
  wrk: Program
}

const set = { name: 'bench', packages: ['wrk', 'postgresql-15', 'libpq5'] }

export async function findPrograms(cache: Cache, say: (doing: string) => void): Promise<Programs> {
  const pgbench = findProgram('pgbench') ?? inPostgresFolders('/usr/lib/postgresql')
  const wrk = findProgram('wrk')
  if (pgbench !== undefined && wrk !== undefined) {
    return { pgbench: { path: pgbench, env: {} }, wrk: { path: wrk, env: {} } }
  }
  const root = await provideDebian(cache, set, say)
  const env = { LD_LIBRARY_PATH: libraryPath(root) }
  const unpacked = inPostgresFolders(join(root, 'usr/lib/postgresql'))
  if (unpacked === undefined) throw new Error('Debian brought no pgbench')
  return {
    pgbench: { path: pgbench ?? unpacked, env },
    wrk: { path: wrk ?? join(root, 'usr/bin/wrk'), env },
  }
}

/** The peer of `npm run bench -- feed`. */
export async function findNats(cache: Cache, say: (doing: string) => void): Promise<Program> {
  const found = findProgram('nats-server')
  if (found !== undefined) return { path: found, env: {} }
  const root = await provideDebian(cache, { name: 'nats', packages: ['nats-server'] }, say)
  const path = ['usr/sbin', 'usr/bin']
    .map((folder) => join(root, folder, 'nats-server'))
    .find(existsSync)
  if (path === undefined) throw new Error('Debian brought no nats-server')
  return { path, env: { LD_LIBRARY_PATH: libraryPath(root) } }
}

function inPostgresFolders(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  return readdirSync(folder)
    .toSorted()
    .map((version) => join(folder, version, 'bin', 'pgbench'))
    .findLast(existsSync)
}

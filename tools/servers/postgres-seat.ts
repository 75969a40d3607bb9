// As whom Postgres runs, and where: it refuses to run as root.
import { createHash } from 'node:crypto'
import { chownSync, constants, cpSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { askCommand, findProgram } from '../launcher/command.ts'

export interface Seat {
  /** Where its files go. */
  folder: string
  /** How one of its programs is called. */
  run: (program: string, args: string[]) => [command: string, args: string[]]
  /** Makes a file of ours readable for it. */
  own: (file: string) => void
}

const nobody = 65_534

export async function findSeat(binaries: string, folder: string, stackId: string): Promise<Seat> {
  const own = () => undefined
  if (process.getuid?.() !== 0) {
    return { folder, own, run: (program, args) => [join(binaries, program), args] }
  }
  // A user namespace makes root look like nobody while the files keep their owner; it replaces
  // itself by the program, so the pid is the program's.
  const namespace = ['-U', `--map-user=${nobody}`, `--map-group=${nobody}`, '--']
  const unshare = findProgram('unshare')
  if (unshare !== undefined && (await askCommand(unshare, [...namespace, 'true'])) !== undefined) {
    return {
      folder,
      own,
      run: (program, args) => [unshare, [...namespace, join(binaries, program), ...args]],
    }
  }
  return seatOfNobody(binaries, folder, stackId)
}

/** Many containers forbid namespaces: then it is nobody indeed, in folders that nobody can enter. */
function seatOfNobody(binaries: string, folder: string, stackId: string): Seat {
  const setpriv = findProgram('setpriv')
  if (setpriv === undefined) {
    throw new Error('Postgres refuses to run as root, and neither unshare nor setpriv works here')
  }
  const place = isOpen(folder) ? folder : join(tmpdir(), `quits-postgres-${stackId}`)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  chownSync(place, nobody, nobody)
  const programs = isOpen(binaries) ? binaries : copyPrograms(binaries)
  const as = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--']
  return {
    folder: place,
    own: (file) => chownSync(file, nobody, nobody),
    run: (program, args) => [setpriv, [...as, join(programs, program), ...args]],
  }
}

/** Whether everybody may enter the folders that lead to this one. */
function isOpen(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & constants.S_IXOTH) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/** A copy of the whole installation outside root's own folders, made once per version. */
function copyPrograms(binaries: string): string {
  const installation = dirname(binaries)
  const version = createHash('sha256').update(installation).digest('hex').slice(0, 16)
  const copy = join(tmpdir(), `quits-postgres-programs-${version}`)
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`
    // Its links are relative: they must stay so.
    cpSync(installation, draft, { recursive: true, verbatimSymlinks: true })
    renameSync(draft, copy)
  }
  return join(copy, basename(binaries))
}

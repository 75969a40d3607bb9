/** The built web app on disk: files read once, packed once, and recognised by their content. */
import { hash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const gzipped = promisify(gzip)

export interface WebFile {
  type: string
  /** Strong: made from the content. */
  etag: string
  body: Buffer
  /** Absent where packing does not pay. */
  packed?: Buffer
  /** The content never changes under this name. */
  immutable: boolean
}

const fileBytesMax = 8_388_608
const cacheEntriesMax = 1_000
const cacheBytesMax = 134_217_728
const packBytesMin = 860

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
const packable = /^text\/|json|svg|x-icon/
/** Vite puts a hash of the content into the names under assets/. */
const hashedName = /^\/assets\/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/

interface Kept {
  changedMs: number
  bytes: number
  file: Promise<WebFile>
}

export type WebFiles = ReturnType<typeof makeWebFiles>

/** `root` may not exist yet. */
export const makeWebFiles = (root: string) => {
  const kept = new Map<string, Kept>()
  let keptBytes = 0

  const forget = (name: string) => {
    keptBytes -= kept.get(name)?.bytes ?? 0
    kept.delete(name)
  }

  /** The real place of `path` below the root; undefined when there is no such file. */
  const locate = async (path: string) => {
    const hidden = path.split('/').some((segment) => segment.startsWith('.'))
    if (hidden || path.includes('\0') || path.endsWith('/')) return undefined
    try {
      const realRoot = await realpath(root)
      const real = await realpath(join(realRoot, path))
      // A link out of the root is as bad as dots.
      if (!real.startsWith(realRoot + sep)) return undefined
      const { mtimeMs, size, isFile } = await statOf(real)
      return isFile && size <= fileBytesMax ? { real, mtimeMs, size } : undefined
    } catch {
      return undefined
    }
  }

  return {
    /** The file at `path` (decoded, with a leading slash), or undefined. */
    async find(path: string): Promise<WebFile | undefined> {
      const place = await locate(path)
      if (place === undefined) return undefined
      const known = kept.get(path)
      if (known !== undefined && known.changedMs === place.mtimeMs && known.bytes === place.size) {
        return known.file
      }
      forget(path)
      const file = read(path, place.real)
      if (kept.size < cacheEntriesMax && keptBytes + place.size < cacheBytesMax) {
        kept.set(path, { changedMs: place.mtimeMs, bytes: place.size, file })
        keptBytes += place.size
        file.catch(() => forget(path))
      }
      return file.catch(() => undefined)
    },
  }
}

const statOf = async (path: string) => {
  const found = await stat(path)
  return { mtimeMs: found.mtimeMs, size: found.size, isFile: found.isFile() }
}

const read = async (path: string, place: string): Promise<WebFile> => {
  const body = await readFile(place)
  const type = types[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 27)}"`
  const file = { type, etag, body, immutable: hashedName.test(path) }
  if (!packable.test(type) || body.length < packBytesMin) return file
  const packed = await gzipped(body, { level: 9 })
  return packed.length < body.length ? { ...file, packed } : file
}

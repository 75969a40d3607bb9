/** Keys made from the one secret of the installation, so that no two purposes share a key. */
import { hkdfSync } from 'node:crypto'

const keyBytes = 32

/** The same purpose gives the same 32 bytes in every process. */
export const deriveKey = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'quits', purpose, keyBytes))

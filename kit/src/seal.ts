/**
 * Sealing of secrets that must pass through a broker: AES-256-GCM, so a dead letter queue holds no
 * plaintext and a changed byte is seen. Form: base64url(iv 12 ‖ tag 16 ‖ ciphertext).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const ivBytes = 12
const tagBytes = 16

/** `key` is 32 bytes; `context` (the job's id) binds the secret to its envelope. */
export const seal = (key: Buffer, context: string, secret: unknown): string => {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
}

/** The secret, unchecked. Throws when the key or context is another one or a byte was changed. */
export const unseal = (key: Buffer, context: string, sealed: string): unknown => {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  const body = decipher.update(bytes.subarray(ivBytes + tagBytes))
  return JSON.parse(Buffer.concat([body, decipher.final()]).toString('utf8'))
}

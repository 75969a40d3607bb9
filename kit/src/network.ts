/** Client addresses as limits see them: one host, or for IPv6 the /64 that one household holds. */
import { isIPv4, isIPv6 } from 'node:net'

const mappedPrefix = '::ffff:'

/**
 * `192.0.2.7` for IPv4 (also when mapped into IPv6), `2001:db8:1:2::/64` for IPv6. Undefined when
 * the text is no address; the caller decides what that means.
 */
export const networkOf = (address: string): string | undefined => {
  if (isIPv4(address)) return address
  const [bare = ''] = address.toLowerCase().split('%')
  if (!isIPv6(bare)) return undefined
  const mapped = bare.startsWith(mappedPrefix) ? bare.slice(mappedPrefix.length) : ''
  if (isIPv4(mapped)) return mapped
  const groups = expand(bare)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  const [high = 0, low = 0] = groups.slice(6)
  if (isMapped) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
const expand = (address: string): number[] => {
  const [head = '', tail] = address.split('::')
  const left = groupsOf(head)
  if (tail === undefined) return left
  const right = groupsOf(tail)
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').flatMap((group) => groupOf(group))

const groupOf = (group: string): number[] => {
  if (!isIPv4(group)) return [Number.parseInt(group, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

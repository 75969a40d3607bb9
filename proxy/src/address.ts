/** The client's address: that of the socket, unless proxies of our own stand in front. Pure. */
import { isIP } from 'node:net'

/**
 * With `trustedHops` proxies in front, each of which appends the address that it saw, the client
 * is that many entries from the right. What stands further left was written by the client. Falls
 * back to the socket when the list is too short or the entry is no address.
 */
export const clientAddress = (
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedHops: number,
): string => {
  const seen = socketAddress ?? ''
  if (trustedHops === 0 || forwardedFor === undefined) return seen
  const entry = forwardedFor.split(',').at(-trustedHops)?.trim() ?? ''
  return isIP(entry) === 0 ? seen : entry
}

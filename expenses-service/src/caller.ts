/** Who calls, from a verified access token. */
export interface Caller {
  userId: string
  sessionId: string
}

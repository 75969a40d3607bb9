/** From where a socket goes on, given what its client has and what the feed holds. Pure. */
import type { Cursor } from '@quits/proto/feed'

export type Resume =
  /** Live from the head on: the client asked for no past. */
  | { how: 'live' }
  /** Everything after `after` is there and will be sent. */
  | { how: 'replay'; after: number }
  /** An honest no: the client reads by REST what it shows. */
  | { how: 'gap' }

/** `nextIsKept`: whether the row right after `since` still exists. */
export const resumeFrom = (
  since: Cursor | undefined,
  head: Cursor,
  nextIsKept: boolean,
): Resume => {
  if (since === undefined) return { how: 'live' }
  if (since.epoch !== head.epoch || since.seq > head.seq) return { how: 'gap' }
  if (since.seq < head.seq && !nextIsKept) return { how: 'gap' }
  return { how: 'replay', after: since.seq }
}

/** The rows that follow `after` without a hole. */
export const denseFrom = <R extends { seq: number }>(rows: R[], after: number): R[] => {
  const hole = rows.findIndex((row, index) => row.seq !== after + 1 + index)
  return hole === -1 ? rows : rows.slice(0, hole)
}

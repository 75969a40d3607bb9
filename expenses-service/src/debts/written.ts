/** What a command wrote, as its caller reads it. */
import { ledgerError } from '../errors.ts'
import type { Change } from '../transactions/book.ts'
import { type Entry, type EntryView, entryOfRow, viewEntry } from '../transactions/entry.ts'

/** The entries that were written, each with the answer that the same command gave it, if any. */
export const writtenEntries = (changes: Change[]): Entry[] =>
  changes.flatMap(({ appended }) =>
    appended
      .filter(({ row }) => row.resolves === undefined)
      .map((one) => {
        const answered = appended.find(({ row }) => row.resolves === one.row.seq)?.row
        const answer =
          answered === undefined
            ? undefined
            : { seq: answered.seq, kind: answered.kind, bundle: answered.bundle }
        return { ...entryOfRow(one), answer }
      }),
  )

/** The entry in this book that the command was about: the one that undoes nothing, if there is one. */
export const mainEntry = (entries: Entry[], bookId: string): Entry => {
  const here = entries.filter(({ row }) => row.bookId === bookId)
  const main = here.find(({ row }) => row.reverses === undefined) ?? here[0]
  if (main === undefined) throw ledgerError('internal')
  return main
}

export const firstEntry = (changes: Change[], bookId: string, readerId: string): EntryView => {
  const book = changes.find(({ after }) => after.id === bookId)?.after
  return viewEntry(mainEntry(writtenEntries(changes), bookId), book?.participants ?? [], readerId)
}

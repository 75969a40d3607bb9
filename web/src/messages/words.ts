/** The words of a debt as a form, and what somebody else made of them meanwhile. Pure. */
import type { Debt, DebtChange } from '../api/shapes.ts'
import { formatDay } from '../dates.ts'
import { fill, t } from './say.ts'

export interface Words {
  what: string
  /** Empty: not due on a day. */
  due: string
  category: string
}

type Read = Pick<Debt, 'description' | 'dueOn' | 'category'>

export const wordsOf = ({ description, dueOn, category }: Read): Words => ({
  what: description,
  due: dueOn ?? '',
  category: category ?? '',
})

/** What the form changes about the debt it was opened on; undefined when nothing. */
export const changeOf = (start: Read, words: Words): DebtChange | undefined => {
  const was = wordsOf(start)
  const what = words.what.trim()
  const category = words.category.trim()
  const change: DebtChange = {
    ...(what === was.what ? {} : { description: what }),
    ...(words.due === was.due ? {} : { dueOn: words.due === '' ? null : words.due }),
    ...(category === was.category ? {} : { category: category === '' ? null : category }),
  }
  return Object.keys(change).length === 0 ? undefined : change
}

/** Sentences about what happened to a debt between two readings of it. */
export const sayMeanwhile = (before: Read, after: Read): string[] => {
  const { words } = t
  const sentences: string[] = []
  if (before.description !== after.description) {
    sentences.push(fill(words.wasWhat, { what: after.description }))
  }
  if (before.dueOn !== after.dueOn) {
    const due = after.dueOn
    sentences.push(
      due === null ? words.wasNotDue : fill(words.wasDue, { date: formatDay(due, due) }),
    )
  }
  return sentences.length === 0 ? [words.wasOther] : sentences
}

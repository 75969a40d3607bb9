/** Many commands in one call: each has an outcome of its own, and no refusal fails a neighbour. */
import type { UnknownField } from '@quits/kit/grpc'
import { commandsMax, type Outcome } from '@quits/proto/ledger'
import { ledgerError } from '../errors.ts'

/** Items of one debt one after the other, so that their order holds; debts side by side. */
export const inOrderPer = async <M, A>(
  messages: M[],
  debtOf: (message: M) => string,
  act: (message: M, index: number) => Promise<Outcome<A>>,
): Promise<Outcome<A>[]> => {
  if (messages.length > commandsMax) {
    throw ledgerError('invalid_request', { detail: `At most ${commandsMax} commands at once.` })
  }
  const last = new Map<string, Promise<unknown>>()
  return Promise.all(
    messages.map((message, index) => {
      const debt = debtOf(message)
      const before = last.get(debt)
      const done =
        before === undefined ? act(message, index) : before.then(() => act(message, index))
      last.set(debt, done)
      return done
    }),
  )
}

/** Unknown fields by the item of `list` that they are in; `rest` are those of the call itself. */
export const unknownPerItem = (fields: UnknownField[], list: string) => {
  const items = new Map<number, UnknownField[]>()
  const rest: UnknownField[] = []
  for (const field of fields) {
    const [name, place, ...path] = field.path
    if (name !== list || place === undefined) {
      rest.push(field)
      continue
    }
    const ofItem = items.get(Number(place)) ?? []
    items.set(Number(place), [...ofItem, { ...field, path }])
  }
  return { items, rest }
}

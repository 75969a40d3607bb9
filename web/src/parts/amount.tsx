/** Money with a direction: word, sign and shape besides the colour. */
import type { Money } from '@quits/proto/money'
import type { Entry, Role } from '../api/shapes.ts'
import { moveOf } from '../messages/entries.ts'
import { fill } from '../messages/say.ts'
import { formatMoney, formatSigned, isZero } from '../money.ts'
import { InIcon, OutIcon } from './icons.tsx'

/** The signed amount of a list: `+` is owed to me, `−` is what I owe. */
export const DirectedAmount = ({ money, role }: { money: Money; role: Role }) => {
  if (isZero(money)) return <span className="money text-ink-2">{formatMoney(money)}</span>
  return (
    <span className={`money font-semibold ${role === 'lender' ? 'text-owed' : 'text-owe'}`}>
      {formatSigned(money, role === 'lender' ? '+' : '−')}
    </span>
  )
}

/** The amount of a row of a history, with how it moves the balance. */
export const MovedAmount = ({ entry }: { entry: Pick<Entry, 'kind' | 'amount'> }) => {
  const move = moveOf(entry)
  const amount = formatMoney(entry.amount)
  if (move === undefined) return amount
  return (
    <>
      <span aria-hidden="true">{`${move.sign}${amount}`}</span>
      <span className="sr-only">{fill(move.word, { amount })}</span>
    </>
  )
}

/** The round badge of a direction. */
export const Direction = ({ role, quiet }: { role: Role; quiet?: boolean }) => {
  const colours = role === 'lender' ? 'bg-owed-tint text-owed' : 'bg-owe-tint text-owe'
  return (
    <span
      className={`grid size-10 shrink-0 place-items-center rounded-full ${
        quiet === true ? 'bg-paper text-ink-2' : colours
      }`}
    >
      {role === 'lender' ? <InIcon /> : <OutIcon />}
    </span>
  )
}

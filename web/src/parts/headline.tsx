/** "You're owed €182.40 by 4 people. You owe Cleo €12.00." Names are links; currencies stay apart. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { choose, t } from '../messages/say.ts'
import { formatMoney } from '../money.ts'
import type { Side } from '../standing.ts'
import { Say } from './say.tsx'

interface Words {
  one: string
  many: { one: string; other: string }
  some: string
  colour: string
  role: 'owed' | 'owe'
}

const words: Readonly<Record<'owed' | 'owing', Words>> = {
  owed: {
    one: t.home.owedByOne,
    many: t.home.owedByMany,
    some: t.home.owedBySome,
    colour: 'text-owed',
    role: 'owed',
  },
  owing: {
    one: t.home.oweOne,
    many: t.home.oweMany,
    some: t.home.oweSome,
    colour: 'text-owe',
    role: 'owe',
  },
}

const NameLink = ({ side, role }: { side: Side; role: Words['role'] }) => {
  const [first, ...others] = side.debts
  const userId = first?.counterparty.userId
  const one =
    first !== undefined && others.length === 0 ? `/debts/${first.id}` : `/debts?show=${role}`
  const href = userId === undefined ? one : `/people/${userId}`
  return (
    <Link href={href} className="underline decoration-1 underline-offset-4 hover:decoration-2">
      {first?.counterparty.name}
    </Link>
  )
}

const Sentence = ({ side, way }: { side: Side; way: 'owed' | 'owing' }) => {
  const { one, many, some, colour, role } = words[way]
  const amount: ReactNode = (
    <span className={`money whitespace-nowrap ${colour}`}>{formatMoney(side.total)}</span>
  )
  if (side.people === 1) {
    return <Say message={one} values={{ amount, name: <NameLink side={side} role={role} /> }} />
  }
  // Nobody is counted while a part of the list is missing.
  if (side.people === undefined || side.people === 0) {
    return <Say message={some} values={{ amount }} />
  }
  return <Say message={choose(many, side.people)} values={{ amount, count: side.people }} />
}

export const Headline = ({ owed, owing }: { owed: Side[]; owing: Side[] }) => (
  <p className="max-w-3xl font-figure text-title font-medium text-pretty">
    {owed.map((side) => (
      <span key={side.total.currency}>
        <Sentence side={side} way="owed" />{' '}
      </span>
    ))}
    {owing.map((side) => (
      <span key={side.total.currency}>
        <Sentence side={side} way="owing" />{' '}
      </span>
    ))}
  </p>
)

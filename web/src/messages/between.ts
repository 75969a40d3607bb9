/** How two people stand, one sentence per currency. Pure. */
import type { Money } from '@quits/proto/money'
import type { Person } from '../api/shapes.ts'
import { formatMoney } from '../money.ts'
import { fill, t } from './say.ts'

export interface Standing {
  currency: string
  /** Without its sign. */
  net: Money
  /** Who owes the net; nobody at zero. */
  who: 'me' | 'them' | 'nobody'
  sentence: string
  /** What the net is made of, where both owe each other. */
  parts?: string
}

/** One standing per currency in which something was ever owed. */
export const standingsOf = ({ name, balances }: Person): Standing[] =>
  balances.map(({ currency, net, owed, owing }) => {
    const isMine = net.startsWith('-')
    const who = BigInt(net) === 0n ? 'nobody' : isMine ? 'me' : 'them'
    const amount = { minor: isMine ? net.slice(1) : net, currency }
    const messages = { me: t.person.youOwe, them: t.person.owesYou, nobody: t.person.quits }
    const standing: Standing = {
      currency,
      net: amount,
      who,
      sentence: fill(messages[who], { name, amount: formatMoney(amount) }),
    }
    if (BigInt(owed) === 0n || BigInt(owing) === 0n) return standing
    const sides = {
      name,
      owed: formatMoney({ minor: owed, currency }),
      owing: formatMoney({ minor: owing, currency }),
    }
    return { ...standing, parts: fill(t.person.parts, sides) }
  })

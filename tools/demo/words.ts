// What people in the story write beside their amounts.
import type { Currency, EntryKind } from './acts.ts'

/** One given name per letter or so, from many places. */
export const givenNames = (
  'Ana Bo Cleo Dario Emi Farah Greta Hugo Ines Jonas Kira Leo ' +
  'Mina Nuri Olga Pavel Quinn Rosa Sami Tova Umi Vera Wim Yara'
).split(' ')

/** The reserved domain `.test` belongs to nobody, so no mail can leave for it by mistake. */
export const mailDomain = 'demo.quits.test'

/** Undefined: many people write nothing. */
export const notesOf: Record<
  Exclude<EntryKind, 'advance'>,
  [string | undefined, ...(string | undefined)[]]
> = {
  repayment: [
    'by bank transfer',
    'cash, thank you',
    'cash at lunch',
    'as promised',
    'part of it, the rest next month',
    'you paid the taxi, so take this off',
    undefined,
    undefined,
  ],
  forgiveness: [
    'happy birthday',
    'you cooked, so let us forget this',
    'for helping me move',
    'never mind the small change',
  ],
}

export const clearedNotes: [string, ...string[]] = [
  'the rest, and thank you',
  'all of it, by bank transfer',
  'the last bit',
]

interface Reason {
  text: string
  /** The one who declines says what it should be. */
  suggests?: true
}

export const declinedReasons: [Reason, ...Reason[]] = [
  { text: 'I think it was less: look at the receipt, please', suggests: true },
  { text: 'We said we would share this one', suggests: true },
  { text: 'I gave you the cash for this already' },
  { text: 'That was somebody else, I was not there' },
  { text: 'This is in the list twice' },
]

/** Steps of plausible prices: cents are any, yen come in tens, fils in fifties. */
export const priceStep: Record<Currency, bigint> = { EUR: 1n, JPY: 10n, KWD: 50n }

/** What people round to when they pay back a part: 5.00 EUR, 500 JPY, 0.500 KWD. */
export const roundSum: Record<Currency, bigint> = { EUR: 500n, JPY: 500n, KWD: 500n }

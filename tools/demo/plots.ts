// Twenty plots; a longer story tells them again with other people. Who is who: words.ts.
import type { Currency, Ending, Role } from './acts.ts'
import { mailDomain } from './words.ts'

/** Something that costs money: the note, and its price in minor units from … to. */
export type Thing = readonly [note: string, min: bigint, max: bigint]

export interface Plot {
  ending: Ending
  /** Numbers of people, or somebody who has no account. */
  lender: number | { name: string; email?: string }
  borrower: number | { name: string; email?: string }
  owner: Role
  currency: Currency
  description: string
  category: string
  /** First and last day, counted back. */
  days: readonly [first: number, last: number]
  dueInDays?: number
  /** Share of the story's entries; 0 where the opening is all there is. */
  weight: number
  things: readonly [Thing, ...Thing[]]
  /** Why it was declined. */
  reason?: string
}

const [ana, bo, cleo, dario, emi, farah, greta, hugo] = [0, 1, 2, 3, 4, 5, 6, 7]

const plot = (
  ending: Ending,
  [lender, borrower, owner]: readonly [Plot['lender'], Plot['borrower'], Role],
  [currency, description, category]: readonly [Currency, string, string],
  rest: Pick<Plot, 'days' | 'weight' | 'things'> & Partial<Plot>,
): Plot => ({ ending, lender, borrower, owner, currency, description, category, ...rest })

export const plots: readonly Plot[] = [
  plot('open', [ana, bo, 'lender'], ['EUR', 'Flat in Rue Mercière', 'home'], {
    days: [362, 2],
    weight: 4,
    things: [
      ['half of the rent', 42_500n, 42_500n],
      ['groceries', 1_850n, 6_480n],
      ['electricity', 3_800n, 7_400n],
      ['internet', 1_995n, 1_995n],
      ['new kettle', 2_990n, 2_990n],
    ],
  }),
  plot('open', [cleo, ana, 'borrower'], ['EUR', 'Trips together', 'travel'], {
    days: [334, 5],
    weight: 3,
    dueInDays: 30,
    things: [
      ['train to Lyon', 4_900n, 8_900n],
      ['hotel in Lyon', 12_600n, 15_400n],
      ['ferry tickets', 3_400n, 5_200n],
      ['fuel for the way back', 3_800n, 6_200n],
      ['dinner by the harbour', 2_750n, 4_890n],
    ],
  }),
  plot('reopened', [bo, cleo, 'lender'], ['EUR', 'Lunches at work', 'food'], {
    days: [351, 12],
    weight: 3,
    things: [
      ['lunch', 890n, 1_650n],
      ['coffee for the week', 1_150n, 1_450n],
      ['pizza on Friday', 1_200n, 1_900n],
      ['cake for the team', 2_400n, 3_100n],
    ],
  }),
  plot('settled', [ana, dario, 'lender'], ['EUR', "Greta's surprise party", 'gifts'], {
    days: [182, 95],
    weight: 2,
    things: [
      ['cake and balloons', 4_250n, 6_100n],
      ['wine', 2_700n, 5_400n],
      ['flowers', 1_900n, 3_200n],
      ['deposit for the band', 12_000n, 12_000n],
    ],
  }),
  plot('open', [emi, ana, 'lender'], ['JPY', 'Our week in Kyoto', 'travel'], {
    days: [243, 20],
    weight: 3,
    things: [
      ['ryokan, two nights', 38_000n, 42_000n],
      ['okonomiyaki', 2_400n, 4_200n],
      ['bento for the train', 2_600n, 3_100n],
      ['temple tickets', 600n, 1_200n],
      ['bus passes', 1_400n, 2_200n],
    ],
  }),
  plot('settled', [hugo, emi, 'borrower'], ['JPY', 'Concert in Osaka', 'culture'], {
    days: [301, 160],
    weight: 2,
    things: [
      ['concert tickets', 14_800n, 17_600n],
      ['train to Osaka', 5_800n, 5_800n],
      ['takoyaki', 900n, 1_600n],
    ],
  }),
  plot('open', [ana, farah, 'lender'], ['KWD', 'Wedding in Kuwait', 'gifts'], {
    days: [151, 8],
    weight: 2,
    dueInDays: -3,
    things: [
      ['our gift', 25_000n, 40_000n],
      ['hotel night', 28_500n, 34_250n],
      ['taxi', 2_750n, 6_250n],
      ['flowers', 4_500n, 9_750n],
    ],
  }),
  plot('open', [farah, hugo, 'borrower'], ['KWD', 'Camping in the desert', 'travel'], {
    days: [121, 15],
    weight: 2,
    things: [
      ['tent', 18_900n, 22_500n],
      ['fuel', 3_250n, 5_750n],
      ['dates and bread', 1_450n, 2_950n],
    ],
  }),
  plot('one-sided', [ana, { name: 'Aunt Rosa' }, 'lender'], ['EUR', 'Washing machine', 'family'], {
    days: [284, 31],
    weight: 1,
    things: [
      ['washing machine', 34_900n, 34_900n],
      ['plumber', 6_500n, 8_900n],
      ['spare part', 1_290n, 2_390n],
    ],
  }),
  plot(
    'one-sided',
    [{ name: 'Grandpa' }, greta, 'borrower'],
    ['EUR', 'Driving lessons', 'family'],
    {
      days: [228, 44],
      weight: 1,
      things: [
        ['driving lesson', 5_500n, 6_500n],
        ['exam fee', 12_990n, 12_990n],
      ],
    },
  ),
  plot('unjoined', [hugo, bo, 'borrower'], ['EUR', 'Bicycle repair', 'transport'], {
    days: [46, 10],
    weight: 1,
    things: [
      ['new chain', 2_490n, 3_990n],
      ['brake pads', 1_290n, 1_890n],
    ],
  }),
  plot('unjoined', [ana, farah, 'borrower'], ['KWD', 'Pearls for my mother', 'gifts'], {
    days: [26, 4],
    weight: 1,
    things: [
      ['pearls', 45_000n, 52_500n],
      ['box and ribbon', 1_250n, 2_000n],
    ],
  }),
  plot(
    'proposed',
    [ana, { name: 'Noor', email: `noor@${mailDomain}` }, 'lender'],
    ['JPY', 'Camera lens', 'things'],
    { days: [4, 4], weight: 0, things: [['camera lens', 24_800n, 27_500n]] },
  ),
  plot('proposed', [dario, ana, 'lender'], ['EUR', 'Two garden chairs', 'home'], {
    days: [2, 2],
    weight: 0,
    things: [['garden chairs', 7_800n, 9_800n]],
  }),
  plot('declined', [bo, greta, 'lender'], ['EUR', 'Football tickets', 'culture'], {
    days: [71, 71],
    weight: 0,
    reason: 'I was ill that day, Cleo took my ticket',
    things: [['football tickets', 3_500n, 4_500n]],
  }),
  plot('declined', [cleo, hugo, 'borrower'], ['EUR', 'The broken lamp', 'home'], {
    days: [133, 133],
    weight: 0,
    reason: 'It was old. You owe me nothing',
    things: [['lamp', 3_990n, 5_990n]],
  }),
  plot('withdrawn', [greta, dario, 'lender'], ['EUR', 'Moving van', 'transport'], {
    days: [88, 88],
    weight: 0,
    things: [['moving van', 8_900n, 11_900n]],
  }),
  plot('reopened', [greta, bo, 'lender'], ['EUR', 'Allotment garden', 'home'], {
    days: [312, 18],
    weight: 3,
    things: [
      ['seeds and soil', 1_890n, 4_250n],
      ['yearly fee', 9_600n, 9_600n],
      ['garden tools', 2_490n, 5_990n],
      ['apple tree', 3_200n, 4_400n],
    ],
  }),
  plot('settled', [farah, cleo, 'lender'], ['KWD', 'Shared phone plan', 'home'], {
    days: [356, 62],
    weight: 2,
    things: [
      ['phone plan', 5_500n, 5_500n],
      ['roaming', 1_750n, 4_250n],
    ],
  }),
  plot('open', [dario, hugo, 'borrower'], ['EUR', 'Rehearsal room', 'culture'], {
    days: [323, 6],
    weight: 3,
    things: [
      ['rehearsal room', 4_500n, 4_500n],
      ['guitar strings', 1_190n, 2_290n],
      ['beer after the rehearsal', 980n, 1_840n],
      ['van to the concert', 5_900n, 8_400n],
    ],
  }),
]

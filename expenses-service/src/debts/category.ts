/**
 * A guess of a debt's category from its words, for who gave none. Pure; words of English, whole or as
 * the beginning of a longer one where the stem is marked by `*`. The first category that knows the most
 * words wins, so that the table's order settles a tie.
 */
const table: [category: string, words: string][] = [
  ['groceries', 'groceries grocery supermarket market bread milk vegetables fruit'],
  ['rent', 'rent landlord deposit lease sublet'],
  ['utilities', 'electricity power gas water heating internet wifi broadband phone bill bills'],
  [
    'food',
    `food restaurant lunch dinner breakfast brunch pizza sushi burger* kebab coffee cafe café
     takeaway takeout snack* ice-cream`,
  ],
  ['drinks', 'drinks drink bar pub beer* wine cocktail* round'],
  [
    'travel',
    `travel trip flight* plane hotel hostel airbnb holiday* vacation train* ski* cruise visa
     ferry`,
  ],
  ['transport', 'transport taxi cab uber lyft bus metro tram fuel petrol parking toll car bike'],
  ['entertainment', 'cinema movie* film concert* ticket* festival game* theatre theater museum'],
  ['health', 'doctor dentist pharmacy medicine* hospital glasses therapy gym'],
  ['gifts', 'gift* present* birthday wedding flowers'],
  ['shopping', 'shopping clothes shoes jacket laptop furniture sofa table lamp'],
  ['education', 'school course* tuition book* exam* university class'],
  ['loan', 'loan lent borrowed lend borrow cash advance'],
]

const entriesOf = (words: string) =>
  words
    .split(/\s+/)
    .map((word) =>
      word.endsWith('*') ? { stem: word.slice(0, -1), whole: false } : { stem: word, whole: true },
    )

const categories = table.map(([category, words]) => ({ category, entries: entriesOf(words) }))

/** The category that the words speak of, or undefined when none of the table does. */
export const guessCategory = (description: string): string | undefined => {
  const words = description.toLowerCase().match(/[\p{L}\p{M}-]+/gu) ?? []
  let best: { category: string; hits: number } | undefined
  for (const { category, entries } of categories) {
    const hits = words.filter((word) =>
      entries.some(({ stem, whole }) => (whole ? word === stem : word.startsWith(stem))),
    ).length
    if (hits > (best?.hits ?? 0)) best = { category, hits }
  }
  return best?.category
}

/** Everything between two people: the part of `en.ts` about a person's page. */
export const enPeople = {
  person: {
    loading: 'Person',
    owesYou: '{name} owes you {amount}.',
    youOwe: 'You owe {name} {amount}.',
    quits: 'You and {name} are quits.',
    parts: '{name} owes you {owed}, you owe {name} {owing}.',
    debts: 'What stands between you',
    away: 'put away',
    write: 'Write something down with {name}',
  },

  tab: {
    title: 'What happened between you',
    signs: '+ counts for you, − for {name}.',
    waits: 'waiting for an answer',
  },

  pay: {
    open: 'Pay {name}…',
    theyOpen: '{name} paid…',
    title: 'Pay {name}',
    titleThey: '{name} paid you',
    how: 'One payment over everything between you, what is due first goes first.',
    amount: 'How much?',
    when: 'When',
    note: 'Note (optional)',
    submit: 'Write it down',
    done: 'Written down.',
    doneWaiting: 'Written down. {name} will be asked to confirm.',
    tooMuchMe: 'Nothing was saved. You owe {name} {remaining}, so {amount} is too much.',
    tooMuchThem: 'Nothing was saved. {name} owes you {remaining}, so {amount} is too much.',
  },

  consent: {
    title: 'When {name} writes something down',
    ask: 'Ask me',
    upTo: 'Count it up to an amount, ask me above',
    always: 'Count it always',
    amount: 'Up to',
    currency: 'Currency',
    submit: 'Save',
    saved: 'Saved. You can change it at any time.',
    offer: 'You have confirmed what {name} wrote down more than once. Be asked every time?',
    offerOpen: 'Choose',
    offerNo: 'Keep asking me',
    later: 'After you have confirmed two things of {name}, you can spare yourself the questions.',
  },

  block: {
    title: 'Block {name}',
    text: 'Nothing {name} writes down reaches you any more. What is between you stays as it is.',
    open: 'Block {name}…',
    submit: 'Block {name}',
    keep: 'Go back',
    is: 'You blocked {name}. Nothing they write down reaches you.',
    lift: 'Let {name} reach you again',
  },
} as const

/**
 * Every word on the screen. Names in braces are filled in by the reader of the message; a message
 * with `one` and `other` is chosen by its count. A test keeps the words of the code out of here.
 */
import { enErrors } from './en-errors.ts'
import { enInvitation } from './en-invitation.ts'
import { enLife } from './en-life.ts'
import { enNews } from './en-news.ts'
import { enPeople } from './en-people.ts'

export const en = {
  name: 'Quits',
  tagline: "Who owes whom, and why. When everybody has paid, you're quits.",
  skip: 'Skip to the page',
  loading: 'One moment…',
  you: 'You',
  somebody: 'Somebody',
  required: 'Fill this in.',

  nav: {
    label: 'Main',
    home: 'Home',
    debts: 'Debts',
    write: 'Write it down',
    profile: 'You',
    profileOf: 'You: {name}',
    signOut: 'Sign out',
  },

  signUp: {
    title: 'Start with Quits',
    name: 'Your name',
    nameHint: 'As your friends know you.',
    email: 'E-mail',
    emailHint: 'We send a code to this address.',
    password: 'Password (optional)',
    passwordHint: 'Without one, you sign in with a code by mail.',
    submit: 'Send me a code',
    other: 'Been here before?',
    signIn: 'Sign in',
  },

  code: {
    title: 'Enter your code',
    sent: 'We sent eight digits to {email}. They work for ten minutes.',
    label: 'Code from the mail',
    submit: 'Continue',
    again: 'Send another code',
    sentAgain: 'A new code is on its way. The old one no longer works.',
    change: 'Use another address',
    short: 'The code has eight digits.',
  },

  signIn: {
    title: 'Welcome back',
    byCode: 'Code by mail',
    byPassword: 'Password',
    way: 'How do you want to sign in?',
    email: 'E-mail',
    password: 'Password',
    submitCode: 'Send me a code',
    submitPassword: 'Sign in',
    other: 'New here?',
    signUp: 'Start with Quits',
  },

  home: {
    title: 'Home',
    owedByOne: '{name} owes you {amount}.',
    owedByMany: {
      one: "You're owed {amount} by {count} person.",
      other: "You're owed {amount} by {count} people.",
    },
    owedBySome: "You're owed {amount}.",
    oweOne: 'You owe {name} {amount}.',
    oweMany: {
      one: 'You owe {amount} to {count} person.',
      other: 'You owe {amount} to {count} people.',
    },
    oweSome: 'You owe {amount}.',
    waiting: 'Waiting for your answer',
    nothingWaiting: 'Nothing needs your answer.',
    iOwe: 'You owe',
    iAmOwed: "You're owed",
    iOweNothing: 'You owe nobody anything.',
    iAmOwedNothing: 'Nobody owes you anything.',
    total: 'Together',
    empty: 'Nobody owes anybody.',
    emptyAsk: 'Lent someone something?',
    seeAll: 'See all',
  },

  debts: {
    title: 'Debts',
    show: 'Show',
    all: 'All',
    owed: "You're owed",
    owe: 'You owe',
    quits: "You're quits",
    more: 'Show more',
    none: 'Nothing here.',
    owesYou: 'owes you',
    youOwe: 'you owe',
    quitsRow: "you're quits",
    waitingFor: 'waiting for {name}',
    waitingForYou: 'waiting for you',
    notAgreed: 'not agreed',
    takenBack: 'taken back',
    onlyYou: 'only you see this',
  },

  write: {
    title: 'Write it down',
    direction: 'What happened?',
    lent: 'You lent',
    borrowed: 'You borrowed',
    who: 'Who',
    whoHint: 'With an e-mail address they can see and confirm it. With a name, only you see this.',
    nickname: 'What you call them',
    amount: 'Amount',
    currency: 'Currency',
    what: 'What for',
    when: 'When',
    previewLent: '{name} owes you {amount} for {what}.',
    previewBorrowed: 'You owe {name} {amount} for {what}.',
    willAsk: '{name} will be asked to confirm. Until then it counts for nobody else.',
    willTell: '{name} will see it. It counts at once.',
    onlyYou: 'Only you see this.',
    submit: 'Write it down',
  },

  debt: {
    loading: 'Debt',
    owesYou: '{name} owes you',
    youOwe: 'You owe {name}',
    quits: 'You and {name} are quits',
    quitsSince: 'Quits since {date}.',
    forWhat: 'For {what}',
    dueOn: 'due {date}',
    waitsThem: "{name} owes you {amount} · {name} hasn't confirmed yet",
    waitsYou: '{name} waits for your answer',
    notAgreed: 'Not agreed. This counts for nobody.',
    takenBack: 'Taken back. This counts for nobody.',
    onlyYou: 'Only you see this.',
    moreWaiting: '{amount} more once confirmed',
    lessWaiting: '{amount} less once confirmed',
    balance: 'Balance',
    history: 'History',
    earlier: 'Show earlier',
    noHistory: 'Nothing written down yet.',
    back: 'All debts',
  },

  entry: {
    lentFirst: 'You lent',
    borrowedFirst: 'You borrowed',
    lentMore: 'You lent more',
    borrowedMore: 'You borrowed more',
    theyPaid: '{name} paid back',
    youPaid: 'You paid back',
    youLetGo: 'You let it go',
    theyLetGo: '{name} let it go',
    undone: 'Undone',
    confirmed: '{who} confirmed {amount}',
    refused: '{who} said not quite to {amount}',
    tookBack: '{who} took {amount} back',
    joined: '{who} joined',
    other: 'Entry',
    meta: '{who} wrote this · {date}',
    balance: 'then {amount}',
    increase: 'plus {amount}',
    decrease: 'minus {amount}',
    waitingFor: 'waiting for {name}',
    waitingForYou: 'waiting for you',
    notAgreed: 'not agreed',
    takenBack: 'taken back',
    wasUndone: 'undone',
  },

  add: {
    title: 'Add to this',
    what: 'What happened?',
    theyPaid: '{name} paid back',
    youPaid: 'You paid back',
    lentMore: 'You lent more',
    borrowedMore: 'You borrowed more',
    letGo: 'Let it go',
    amount: 'Amount',
    when: 'When',
    note: 'Note (optional)',
    willAsk: '{name} will be asked to confirm.',
    atOnce: 'Counts at once.',
    submit: 'Write it down',
    done: 'Written down.',
    doneWaiting: 'Written down. {name} will be asked to confirm.',
    tooMuchLender: 'Nothing was saved. {name} owes you {remaining}, so {amount} is too much.',
    tooMuchBorrower: 'Nothing was saved. You owe {name} {remaining}, so {amount} is too much.',
    recordRest: 'Record {remaining}',
    recordAllLender: 'Record {amount}: you then owe {name} {surplus}',
    recordAllBorrower: 'Record {amount}: {name} then owes you {surplus}',
    none: 'Nothing is left to pay back.',
  },

  ask: {
    debt: '{name} noted that you owe them {amount} for {what}.',
    debtBare: '{name} noted that you owe them {amount}.',
    paid: '{name} noted that they paid you back {amount}.',
    lentMore: '{name} noted that you borrowed {amount} more.',
    letGo: '{name} noted that you let {amount} go.',
    undo: '{name} wants to undo an entry of {amount}.',
    other: '{name} wrote down {amount}.',
    yes: "Yes, that's right",
    no: 'Not quite…',
  },

  notQuite: {
    title: 'What is not right?',
    wrongAmount: 'The amount is wrong',
    alreadyPaid: 'I already paid this',
    theyNeverPaid: 'This did not happen',
    notMe: 'That was not me',
    unknown: "I don't know {name}",
    rightAmount: 'What would be right?',
    submit: 'Tell {name}',
    cancel: 'Go back',
  },

  ...enLife,

  ...enPeople,

  ...enInvitation,

  ...enNews,

  offline: {
    offline: "You're offline. This is how things stood at {time}.",
    away: 'Changes are not coming in live just now. Trying again…',
  },

  lost: {
    title: 'Nothing here',
    text: 'There is no such page, or it is not yours to see.',
    home: 'Go home',
  },

  unreachable: {
    title: 'Quits cannot be reached',
    text: 'Nothing is lost. Check your connection, then try again.',
  },

  broken: {
    title: 'This page broke',
    text: 'Nothing that was written down is lost.',
  },

  retry: 'Try again',

  ...enErrors,
}

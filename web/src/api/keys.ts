/** Names of what the app keeps of the server's answers. */
export const keys = {
  summary: ['summary'],
  debts: ['debts'],
  debt: (id: string) => ['debt', id],
  entries: (id: string) => ['entries', id],
  people: ['people'],
  person: (id: string) => ['people', id],
  tab: (id: string) => ['people', id, 'tab'],
  invitations: (id: string) => ['invitations', id],
  shown: (token: string) => ['shown', token],
  preferences: ['preferences'],
  notifications: ['notifications'],
} as const

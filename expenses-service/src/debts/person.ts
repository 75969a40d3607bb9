/** The people one shares debts with, as one reads them. */
import type { Pool } from '@quits/kit/postgres'
import { ledgerError } from '../errors.ts'
import { relationOf } from '../transactions/relation-store.ts'
import { isConsentOffered } from './agreement-store.ts'
import { viewConsent } from './relate.ts'
import type { PersonDetailView, PersonView } from './shapes.ts'
import { peopleOf, type PersonTotal } from './totals-store.ts'

/** Rows of one person and currency each, gathered by person. */
const personsOf = (rows: PersonTotal[]): PersonView[] => {
  const persons = new Map<string, PersonView>()
  for (const { id, name, blocked, ...balance } of rows) {
    const person = persons.get(id) ?? { id, name, blocked, balances: [] }
    person.balances.push(balance)
    persons.set(id, person)
  }
  return [...persons.values()]
}

/** By name, after the place given. */
export const listPeople = async (
  pool: Pool,
  userId: string,
  page: { after: { name: string; id: string } | undefined; limit: number },
): Promise<PersonView[]> => personsOf(await peopleOf(pool, userId, page))

/** One of them, with what the reader allows or forbids them. */
export const showPerson = async (
  pool: Pool,
  userId: string,
  personId: string,
): Promise<PersonDetailView> => {
  const page = { after: undefined, limit: 1, id: personId }
  const [person] = personsOf(await peopleOf(pool, userId, page))
  if (person === undefined) throw ledgerError('not_found')
  const { consent } = await relationOf(pool, userId, person.id)
  const consentOffered = consent.mode !== 'ask' || (await isConsentOffered(pool, userId, person.id))
  return { ...person, consent: viewConsent(consent), consentOffered }
}

import { currencies } from '@quits/proto/currencies'
import { useSearch } from 'wouter'
import { ApiProblem } from '../api/problem.ts'
import type { Person } from '../api/shapes.ts'
import { recall } from '../browser.ts'
import { civilDate } from '../dates.ts'
import { t } from '../messages/say.ts'
import { Card, Page } from '../parts/page.tsx'
import { usePerson } from '../parts/queries.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { WriteForm } from '../parts/write-form.tsx'
import { type Draft, prefilled } from './new-debt.ts'

const emptyDraft = (): Draft => {
  const last = recall('currency')
  return {
    direction: 'lent',
    who: '',
    personId: '',
    nickname: '',
    amount: '',
    currency: last !== undefined && currencies.includes(last) ? last : 'EUR',
    what: '',
    occurredOn: civilDate(new Date()),
    due: '',
    category: '',
  }
}

/** Begins with somebody whose page led here. */
const WithPerson = ({ id, start }: { id: string; start: Draft }) => {
  const person = usePerson(id)
  const begin = (known: Person | undefined): Draft =>
    known === undefined ? { ...start, personId: '' } : { ...start, who: known.name }
  if (person.isPending) return <Loading />
  if (person.isError && person.error instanceof ApiProblem && person.error.status !== 404) {
    return <Failed error={person.error} retry={() => void person.refetch()} />
  }
  return <WriteForm start={begin(person.data)} />
}

export const WriteDown = () => {
  const search = useSearch()
  const start = prefilled(emptyDraft(), search)
  return (
    <Page title={t.write.title} narrow>
      <Card>
        {start.personId === '' ? (
          <WriteForm key={search} start={start} />
        ) : (
          <WithPerson key={search} id={start.personId} start={start} />
        )}
      </Card>
    </Page>
  )
}

import { expect, it } from 'vitest'
import { filterOf, hrefOf, readNarrowed } from './debts-filter.ts'

it('keeps what a list is narrowed to in its address', () => {
  const narrowed = { show: 'owed', person: 'u-bo', q: 'taxi & co' }
  expect(readNarrowed(hrefOf(narrowed).replace('/debts', ''))).toEqual(narrowed)
  expect(hrefOf(readNarrowed(''))).toBe('/debts')
})

it('asks the server only for what was chosen', () => {
  expect(filterOf(readNarrowed(''))).toEqual({})
  expect(filterOf(readNarrowed('show=away&q=%20'))).toEqual({ archived: 'true' })
  expect(filterOf(readNarrowed('show=owe&person=u-bo&q=taxi'))).toEqual({
    role: 'borrower',
    person: 'u-bo',
    q: 'taxi',
  })
  expect(filterOf(readNarrowed('show=painted'))).toEqual({})
})

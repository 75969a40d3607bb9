import { expect, it } from 'vitest'
import {
  filterOf,
  furtherCount,
  hrefOf,
  isNarrowed,
  readNarrowed,
  unnarrowed,
} from './debts-filter.ts'

const bo = '01a22312-928e-7758-a1bf-db00c35580bf'

it('keeps what a list is narrowed to in its address', () => {
  const narrowed = {
    show: 'owed',
    person: bo,
    q: 'taxi & co',
    currency: 'EUR',
    category: 'café & bar',
    from: '2026-01-01',
    to: '2026-05-03',
  }
  expect(readNarrowed(hrefOf(narrowed).replace('/debts', ''))).toEqual(narrowed)
  expect(hrefOf(readNarrowed(''))).toBe('/debts')
})

it('asks the server only for what was chosen', () => {
  expect(filterOf(readNarrowed(''))).toEqual({})
  expect(filterOf(readNarrowed('show=away&q=%20'))).toEqual({ archived: 'true' })
  expect(
    filterOf(readNarrowed(`show=owe&person=${bo}&q=taxi&currency=JPY&from=2026-01-01`)),
  ).toEqual({
    role: 'borrower',
    person: bo,
    q: 'taxi',
    currency: 'JPY',
    from: '2026-01-01',
  })
  expect(filterOf(readNarrowed('show=painted'))).toEqual({})
})

it('leaves out of the address what the server would refuse', () => {
  const odd = `show=owe&person=bo&currency=euro&category=${'x'.repeat(41)}&from=0020-01-01&to=soon`
  expect(isNarrowed(readNarrowed(odd))).toBe(false)
  expect(filterOf(readNarrowed(odd))).toEqual({ role: 'borrower' })
})

it('counts the further filters, and clears all of them at once', () => {
  const narrowed = readNarrowed('show=quits&q=tea&currency=EUR&to=2026-05-03')
  expect(furtherCount(narrowed)).toBe(2)
  expect(hrefOf(unnarrowed(narrowed))).toBe('/debts?show=quits')
})

import { expect, it } from 'vitest'
import { newsFilterOf, newsHref, readNarrowedNews, showsEverything } from './news-filter.ts'

it('keeps what was chosen in the address, and passes over what it does not know', () => {
  const narrowed = { show: 'unread', person: 'u', debt: 'd', kind: 'transaction.posted' } as const
  expect(readNarrowedNews(newsHref(narrowed).slice('/news'.length))).toEqual(narrowed)
  expect(readNarrowedNews('?show=confetti&kind=confetti')).toEqual({
    show: '',
    person: '',
    debt: '',
    kind: '',
  })
  expect(newsHref(readNarrowedNews(''))).toBe('/news')
})

it('asks for what is not put away, unless that is what is wanted', () => {
  expect(newsFilterOf(readNarrowedNews(''))).toEqual({ status: 'inbox' })
  expect(newsFilterOf(readNarrowedNews('?show=away&debt=d'))).toEqual({
    status: 'archived',
    debt: 'd',
  })
})

it('marks everything only where everything is shown', () => {
  expect(showsEverything(readNarrowedNews('?show=unread'))).toBe(true)
  for (const search of ['?person=u', '?debt=d', '?kind=debt.proposed', '?show=away']) {
    expect(showsEverything(readNarrowedNews(search))).toBe(false)
  }
})

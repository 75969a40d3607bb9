import { currencies } from '@quits/proto/currencies'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference, formatMoney, formatSigned, parseAmount, toTyped } from './money.ts'

const read = (typed: string, currency = 'EUR') => {
  const parsed = parseAmount(typed, currency)
  return 'money' in parsed ? parsed.money.minor : parsed.fault
}

describe('typed amounts', () => {
  it.each([
    ['40', '4000'],
    ['40.00', '4000'],
    ['40,00', '4000'],
    ['40,5', '4050'],
    ['.5', '50'],
    ['40.', '4000'],
    ['€40', '4000'],
    ['40 €', '4000'],
    ['EUR 40.00', '4000'],
    ['1.234,56', '123456'],
    ['1,234.56', '123456'],
    ["1'234.56", '123456'],
    ['1 234,56', '123456'],
    ['1,234', '123400'],
    ['1.234.567', '123456700'],
    ['12,34,567.89', '123456789'],
    ['٤٠٫٥', '4050'],
    ['0040', '4000'],
  ])('reads %s EUR as %s cents', (typed, minor) => {
    expect(read(typed)).toBe(minor)
  })

  it('gives JPY no decimals', () => {
    expect(read('1200', 'JPY')).toBe('1200')
    expect(read('1,200', 'JPY')).toBe('1200')
    expect(read('12.5', 'JPY')).toBe('decimals')
    expect(read('1.200', 'JPY')).toBe('decimals')
  })

  it('gives KWD three decimals and refuses to guess what 1,234 means', () => {
    expect(read('1.234', 'KWD')).toBe('1234')
    expect(read('1.25', 'KWD')).toBe('1250')
    expect(read('1,25', 'KWD')).toBe('1250')
    expect(read('1,234', 'KWD')).toBe('ambiguous')
    expect(read('0,234', 'KWD')).toBe('234')
    expect(read('1.2345', 'KWD')).toBe('decimals')
  })

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['0', 'zero'],
    ['0.00', 'zero'],
    ['-5', 'unreadable'],
    ['−5', 'unreadable'],
    ['1e3', 'unreadable'],
    ['forty', 'unreadable'],
    ['.', 'unreadable'],
    ['1,2,3', 'unreadable'],
    ['12,34.56', 'unreadable'],
    ['40.123', 'decimals'],
    ['40,1234', 'decimals'],
    ['10000000000000.01', 'large'],
    ['9'.repeat(60), 'unreadable'],
  ])('answers %j with the fault %s', (typed, fault) => {
    expect(read(typed)).toBe(fault)
  })
})

describe('shown amounts', () => {
  it('shows each currency with its own decimals', () => {
    expect(formatMoney({ minor: '4000', currency: 'EUR' })).toBe('€40.00')
    expect(formatMoney({ minor: '1200', currency: 'JPY' })).toBe('¥1,200')
    expect(formatMoney({ minor: '1250', currency: 'KWD' })).toBe('KWD\u00a01.250')
    expect(formatMoney({ minor: '5', currency: 'EUR' })).toBe('€0.05')
  })

  it('stays exact where a float would round', () => {
    const money = { minor: '9007199254740993', currency: 'EUR' }
    expect(formatMoney(money)).toBe('€90,071,992,547,409.93')
  })

  it('signs with the true minus and leaves zero bare', () => {
    expect(formatSigned({ minor: '4000', currency: 'EUR' }, '−')).toBe('\u2212€40.00')
    expect(formatSigned({ minor: '4000', currency: 'EUR' }, '+')).toBe('+€40.00')
    expect(formatSigned({ minor: '0', currency: 'EUR' }, '+')).toBe('€0.00')
  })

  it('takes one amount from another', () => {
    const surplus = difference(
      { minor: '5000', currency: 'EUR' },
      { minor: '4350', currency: 'EUR' },
    )
    expect(formatMoney(surplus)).toBe('€6.50')
  })
})

const amounts = fc.record({
  minor: fc.bigInt({ min: 1n, max: 10n ** 15n }).map(String),
  currency: fc.constantFrom(...currencies),
})

describe('round trips', () => {
  it('reads back whatever it shows in English', () => {
    fc.assert(
      fc.property(amounts, (money) => {
        expect(parseAmount(formatMoney(money), money.currency)).toEqual({ money })
        expect(parseAmount(toTyped(money), money.currency)).toEqual({ money })
      }),
    )
  })

  it('reads back what people with a decimal comma write', () => {
    const twoDecimals = fc.record({
      minor: fc.bigInt({ min: 1n, max: 10n ** 15n }).map(String),
      currency: fc.constantFrom('EUR', 'CHF', 'SEK', 'PLN'),
    })
    fc.assert(
      fc.property(twoDecimals, fc.constantFrom('de', 'fr', 'es'), (money, locale) => {
        const typed = formatMoney(money, locale).replaceAll(/[^\d.,\s]/gu, '')
        expect(parseAmount(typed, money.currency)).toEqual({ money })
      }),
    )
  })
})

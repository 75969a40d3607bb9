/** Amounts as people type and read them. Digits and bigints only: no float ever holds money. */
import { amountMinorMax, minorDigits } from '@quits/proto/currencies'
import type { Money } from '@quits/proto/money'

export type AmountFault = 'empty' | 'unreadable' | 'ambiguous' | 'decimals' | 'zero' | 'large'

export type ParsedAmount = { money: Money } | { fault: AmountFault }

/** Keeps the digits before any work on them; no amount needs more characters. */
const typedLengthMax = 40

/** First digits of the other decimal scripts that keyboards offer. */
const digitZeros = [0x0660, 0x06f0, 0x0966]

const toAsciiDigit = (character: string): string => {
  const point = character.codePointAt(0) ?? 0
  const zero = digitZeros.find((first) => point >= first && point <= first + 9)
  return zero === undefined ? character : String(point - zero)
}

/** Drops symbols, codes, spaces and apostrophes that only group; separators become `.` and `,`. */
const clean = (typed: string): string =>
  typed
    .trim()
    .slice(0, typedLengthMax)
    .replaceAll(/\p{Nd}/gu, toAsciiDigit)
    .replaceAll('٫', '.')
    .replaceAll('٬', ',')
    .replace(/^(?:[A-Za-z]{0,3}\p{Sc}|F\sCFA|[A-Za-z]{2,4}\.?)\s*/u, '')
    .replace(/\s*(?:F\sCFA|[A-Za-z]{2,4}\.?|\p{Sc})$/u, '')
    .replaceAll(/(?<=\d)[\s'’](?=\d{3}(?!\d))/gu, '')

/** `1,234,567` and the Indian `12,34,567`: one separator kind, three digits at the end. */
const isGrouped = (whole: string, separator: string): boolean => {
  const [first, ...rest] = whole.split(separator)
  const last = rest.at(-1)
  return (
    first !== undefined &&
    /^[1-9]\d{0,2}$/.test(first) &&
    last?.length === 3 &&
    rest.slice(0, -1).every((group) => group.length === 2 || group.length === 3)
  )
}

type Split = { whole: string; decimals: string } | { fault: AmountFault }

const splitAt = (text: string, index: number): { whole: string; decimals: string } => ({
  whole: text.slice(0, index),
  decimals: text.slice(index + 1),
})

/**
 * Finds the decimal separator. With both kinds present it is the later one. A lone comma before
 * exactly three digits groups (1,234), except where three decimals make that a guess (KWD); a
 * lone dot is always decimal, so 40.123 EUR is a fault and never forty thousand.
 */
const split = (text: string, digits: number): Split => {
  const dot = text.lastIndexOf('.')
  const comma = text.lastIndexOf(',')
  if (dot === -1 && comma === -1) return { whole: text, decimals: '' }
  if (dot !== -1 && comma !== -1) {
    const { whole, decimals } = splitAt(text, Math.max(dot, comma))
    const grouping = dot > comma ? ',' : '.'
    if (!isGrouped(whole, grouping)) return { fault: 'unreadable' }
    return { whole: whole.replaceAll(grouping, ''), decimals }
  }
  const separator = dot === -1 ? ',' : '.'
  const parts = splitAt(text, Math.max(dot, comma))
  if (text.indexOf(separator) !== text.lastIndexOf(separator)) {
    if (!isGrouped(text, separator)) return { fault: 'unreadable' }
    return { whole: text.replaceAll(separator, ''), decimals: '' }
  }
  if (separator === ',' && isGrouped(text, ',')) {
    return digits === 3 ? { fault: 'ambiguous' } : { whole: text.replace(',', ''), decimals: '' }
  }
  return parts
}

/** Reads what a person typed as an amount above zero of `currency`, or names what is wrong. */
export const parseAmount = (typed: string, currency: string): ParsedAmount => {
  const digits = minorDigits(currency)
  const text = clean(typed)
  if (text === '') return { fault: 'empty' }
  if (digits === undefined || typed.length > typedLengthMax) return { fault: 'unreadable' }
  const parts = split(text, digits)
  if ('fault' in parts) return parts
  const { whole, decimals } = parts
  if (!/^\d*$/.test(whole) || !/^\d*$/.test(decimals) || whole + decimals === '') {
    return { fault: 'unreadable' }
  }
  if (decimals.length > digits) return { fault: 'decimals' }
  const minor = BigInt(whole + decimals.padEnd(digits, '0'))
  if (minor === 0n) return { fault: 'zero' }
  if (minor > amountMinorMax) return { fault: 'large' }
  return { money: { minor: minor.toString(), currency } }
}

/** `4000` EUR as `40.00`: the plain decimal string that Intl takes without rounding. */
const toDecimal = (minor: string, digits: number): string => {
  if (digits === 0) return minor
  const padded = minor.padStart(digits + 1, '0')
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

const formats = new Map<string, Intl.NumberFormat>()

const formatOf = (locale: string, currency: string, digits: number): Intl.NumberFormat => {
  const name = `${locale} ${currency}`
  const known = formats.get(name)
  if (known !== undefined) return known
  const made = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  formats.set(name, made)
  return made
}

/** €40.00, ¥1,200, KWD 1.250. Exact at any size: Intl gets a string, never a number. */
export const formatMoney = (money: Money, locale = 'en'): string => {
  const digits = minorDigits(money.currency) ?? 2
  const decimal = toDecimal(money.minor, digits) as Intl.StringNumericLiteral
  return formatOf(locale, money.currency, digits).format(decimal)
}

/** What an amount field shows for an amount that is already known: `43.50`. */
export const toTyped = (money: Money): string =>
  toDecimal(money.minor, minorDigits(money.currency) ?? 2)

/** The signed form of lists: `+` is owed to me, U+2212 is what I owe. */
export const formatSigned = (money: Money, sign: '+' | '−', locale = 'en'): string =>
  isZero(money) ? formatMoney(money, locale) : `${sign}${formatMoney(money, locale)}`

export const isZero = (money: Money): boolean => BigInt(money.minor) === 0n

export const difference = (a: Money, b: Money): Money => ({
  minor: (BigInt(a.minor) - BigInt(b.minor)).toString(),
  currency: a.currency,
})

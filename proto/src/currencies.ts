/** The currencies Quits knows and their minor units, without a dependency: the browser loads it too. */

/** Largest amount of one entry and largest balance: 10^15 minor units (design, The ledger). */
export const amountMinorMax = 10n ** 15n

const withDigits = (digits: number, codes: string): [string, number][] =>
  codes.split(' ').map((code) => [code, digits])

/** Minor-unit digits of each currency in use, by ISO 4217 (list one, 2026; funds and metals left out). */
const currencyDigits: ReadonlyMap<string, number> = new Map([
  ...withDigits(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'),
  ...withDigits(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...withDigits(
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF ' +
      'CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD ' +
      'HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA ' +
      'MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN ' +
      'QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP ' +
      'TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG',
  ),
])

/** Every currency Quits knows, sorted. */
export const currencies: readonly string[] = [...currencyDigits.keys()].sort()

/** Digits after the decimal separator: 2 for EUR, 0 for JPY, 3 for KWD; undefined when unknown. */
export const minorDigits = (currency: string): number | undefined => currencyDigits.get(currency)

/**
 * CSV by RFC 4180: lines end in CRLF, a field with a comma, quote or line break is quoted. A text that
 * a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises for "CSV
 * injection"; amounts come in as numbers made here and keep their form.
 */

// The full-width forms are read as their ASCII kin by spreadsheets of East Asian locales.
const formula = /^[=+\-@\t\r\n＝＋－＠]/
const special = /[",\r\n]/

/** One line with its end. */
export const csvLine = (fields: readonly (string | number)[]): string =>
  `${fields.map(fieldOf).join(',')}\r\n`

const fieldOf = (field: string | number): string => {
  if (typeof field === 'number') return String(field)
  const safe = formula.test(field) ? `'${field}` : field
  return special.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('a line has its fields between commas and ends in CRLF', () => {
  expect(csvLine(['a', 1, '', 'b c'])).toBe('a,1,,b c\r\n')
})

test('commas, quotes and line breaks stay inside their field', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines'])).toBe('"a,b","say ""hi""","two\nlines"\r\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1', '=HYPERLINK("http://e.example")'])(
  'a text that a spreadsheet would run is only a text: %j',
  (text) => {
    const [field] = csvLine([text, 'next']).split(/,next\r\n$/)
    expect(field).toMatch(/^"?'/)
  },
)

test('the check can fail: a harmless text gets no apostrophe, nor does a number', () => {
  expect(csvLine(['1=1', 'a-b', -5])).toBe('1=1,a-b,-5\r\n')
})

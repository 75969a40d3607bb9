/** Fills messages with words. */
import { codeOf } from '../api/problem.ts'
import { en } from './en.ts'

export interface Plural {
  one: string
  other: string
}

export const t = en

const rules = new Intl.PluralRules('en')

/** The form of a message for a count. */
export const choose = (message: Plural, count: number): string =>
  rules.select(count) === 'one' ? message.one : message.other

/** A message cut at its braces: text and names by turns, text first. */
export const cut = (message: string): string[] => message.split(/\{(\w+)\}/)

/** The message with each `{name}` filled in; a name that is not given stays visible. */
export const fill = (message: string, values: Readonly<Record<string, string>>): string =>
  cut(message)
    .map((part, index) => (index % 2 === 0 ? part : (values[part] ?? `{${part}}`)))
    .join('')

const errors: Readonly<Record<string, string>> = t.errors

/** What to tell a person about a call that failed. */
export const sayError = (error: unknown): string => errors[codeOf(error)] ?? t.errors.internal

/** A message on the screen with elements in place of its braces: links, amounts. */
import { Fragment, type ReactNode } from 'react'
import { cut } from '../messages/say.ts'

export const Say = ({
  message,
  values,
}: {
  message: string
  values: Readonly<Record<string, ReactNode>>
}) =>
  cut(message).map((part, index) => (
    // The parts of one message never change their order.
    <Fragment key={`${index} ${part}`}>{index % 2 === 0 ? part : values[part]}</Fragment>
  ))

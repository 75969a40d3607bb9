/** A labelled control with its hint and its fault, tied together for screen readers. */
import { type ComponentProps, type ReactNode, useId } from 'react'
import { limits } from '../limits.ts'
import { dayFault, roomLeft, textFault } from '../text-fault.ts'

const control =
  'min-h-12 w-full rounded-ledger border border-edge bg-card px-4 py-2 text-base text-ink ' +
  'hover:border-ink aria-invalid:border-owe aria-invalid:border-2'

interface Labelled {
  label: string
  hint?: string | undefined
  fault?: string | undefined
}

const Around = ({
  id,
  label,
  hint,
  fault,
  children,
}: Labelled & { id: string; children: ReactNode }) => (
  <div className="flex min-w-0 flex-col gap-1">
    <label htmlFor={id} className="text-small font-medium text-ink">
      {label}
    </label>
    {children}
    {fault !== undefined && (
      <p id={`${id}-fault`} className="text-small font-medium text-owe">
        {fault}
      </p>
    )}
    {hint !== undefined && (
      <p id={`${id}-hint`} className="text-small text-ink-2">
        {hint}
      </p>
    )}
  </div>
)

const describedBy = (id: string, { hint, fault }: Labelled): string | undefined => {
  const ids = [fault === undefined ? '' : `${id}-fault`, hint === undefined ? '' : `${id}-hint`]
  return ids.join(' ').trim() || undefined
}

export const Field = ({
  label,
  hint,
  fault,
  className = '',
  ...rest
}: Labelled & ComponentProps<'input'>) => {
  const id = useId()
  const labelled: Labelled = { label, hint, fault }
  return (
    <Around id={id} {...labelled}>
      <input
        {...rest}
        id={id}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={describedBy(id, labelled)}
        className={`${control} ${className}`}
      />
    </Around>
  )
}

/** A field for words. While they are typed it tells what is left of the room, and what is too much. */
export const WordsField = ({
  lengthMax,
  value,
  fault,
  hint,
  ...rest
}: Omit<ComponentProps<typeof Field>, 'value'> & { value: string; lengthMax: number }) => {
  const left = roomLeft(value, lengthMax)
  const told = [hint, left].filter((part) => part !== undefined)
  return (
    <Field
      autoComplete="off"
      {...rest}
      value={value}
      fault={fault ?? textFault(value, lengthMax)}
      hint={told.length === 0 ? undefined : told.join(' ')}
    />
  )
}

/** A field for a day. `latest`, when there is one, is the last that can be chosen. */
export const DayField = ({
  value,
  latest,
  fault,
  ...rest
}: Omit<ComponentProps<typeof Field>, 'value' | 'type'> & {
  value: string
  latest?: string | undefined
}) => (
  <Field
    {...rest}
    type="date"
    value={value}
    min={limits.earliestOn}
    max={latest}
    fault={fault ?? dayFault(value, latest)}
  />
)

/** A field for an amount as people type it; `parseAmount` reads it. */
export const AmountField = (props: Omit<ComponentProps<typeof Field>, 'className'>) => (
  <Field inputMode="decimal" autoComplete="off" className="money" {...props} />
)

/** One thing to say yes to, beside its box. */
export const CheckField = ({
  label,
  ...rest
}: { label: string } & Omit<ComponentProps<'input'>, 'type'>) => (
  <label className="flex min-h-11 items-center gap-3">
    <input {...rest} type="checkbox" className="size-5 shrink-0" />
    <span className="min-w-0">{label}</span>
  </label>
)

export const SelectField = ({
  label,
  hint,
  fault,
  children,
  ...rest
}: Labelled & ComponentProps<'select'>) => {
  const id = useId()
  const labelled: Labelled = { label, hint, fault }
  return (
    <Around id={id} {...labelled}>
      <select
        {...rest}
        id={id}
        aria-describedby={describedBy(id, labelled)}
        className={`${control} money`}
      >
        {children}
      </select>
    </Around>
  )
}

/** Radio buttons drawn as a row of equal cells; arrow keys move among them. */
export const Choices = <V extends string>({
  label,
  name,
  value,
  options,
  stacked = false,
  quiet = false,
  onChange,
}: {
  label: string
  name: string
  value: V
  options: readonly { value: V; label: string }[]
  /** One below the other on wide screens too. */
  stacked?: boolean
  /** The label is for those who listen; the place says it to the eye. */
  quiet?: boolean
  onChange: (value: V) => void
}) => (
  <fieldset className="flex min-w-0 flex-col gap-1">
    <legend className={quiet ? 'sr-only' : 'mb-1 font-sans text-small font-medium tracking-normal'}>
      {label}
    </legend>
    <div
      className={`grid grid-cols-1 gap-2 ${
        stacked ? '' : 'wide:auto-cols-fr wide:grid-flow-col wide:grid-cols-none'
      }`}
    >
      {options.map((option) => (
        <label
          key={option.value}
          className={
            'flex min-h-12 items-center gap-3 rounded-ledger border border-edge bg-card px-4 py-2 ' +
            'hover:border-ink has-checked:border-brand has-checked:ring-1 has-checked:ring-brand ' +
            'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 ' +
            'has-focus-visible:outline-focus'
          }
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="size-5 shrink-0 outline-none"
          />
          <span className="min-w-0">{option.label}</span>
        </label>
      ))}
    </div>
  </fieldset>
)

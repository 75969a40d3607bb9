/** Hand-drawn on a 24 px grid; always beside a word or under a label, so hidden from readers. */
import type { ReactNode } from 'react'

const Icon = ({ children, className = 'size-6' }: { children: ReactNode; className?: string }) => (
  <svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.75"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    focusable="false"
    className={className}
  >
    {children}
  </svg>
)

export const BellIcon = () => (
  <Icon>
    <path d="M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15L6 16Z" />
    <path d="M10 20.5a2.2 2.2 0 0 0 4 0" />
  </Icon>
)

export const PersonIcon = () => (
  <Icon>
    <circle cx="12" cy="8.5" r="3.75" />
    <path d="M4.5 20c.9-3.6 3.8-5.5 7.5-5.5s6.6 1.9 7.5 5.5" />
  </Icon>
)

export const HomeIcon = () => (
  <Icon>
    <path d="M4 11.5 12 4.5l8 7V19a1 1 0 0 1-1 1h-4.5v-5.5h-5V20H5a1 1 0 0 1-1-1v-7.5Z" />
  </Icon>
)

export const BookIcon = () => (
  <Icon>
    <path d="M6 4.5h12v15H6z" />
    <path d="M9.5 9h5M9.5 12.5h5" />
  </Icon>
)

export const PenIcon = ({ className }: { className?: string }) => (
  <Icon {...(className === undefined ? {} : { className })}>
    <path d="m5 19 1-4L16 5l3 3L9 18l-4 1Z" />
    <path d="m14 7 3 3" />
  </Icon>
)

export const CloseIcon = () => (
  <Icon>
    <path d="m6.5 6.5 11 11m0-11-11 11" />
  </Icon>
)

export const BackIcon = () => (
  <Icon className="size-5">
    <path d="m14.5 6-6 6 6 6" />
  </Icon>
)

/** The shape of a direction: towards me, or away. */
export const InIcon = () => (
  <Icon className="size-5">
    <path d="M17 7 8 16m0-7v7h7" />
  </Icon>
)

export const OutIcon = () => (
  <Icon className="size-5">
    <path d="m7 17 9-9m0 7V8H9" />
  </Icon>
)

export const ClockIcon = () => (
  <Icon className="size-4">
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </Icon>
)

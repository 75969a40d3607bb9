/** E-mail addresses in the one form that is stored, compared and mailed to. */
import { z } from 'zod'

/** Case never tells two mailboxes apart in practice, so it does not here. */
export const normalEmail = (text: string): string => text.trim().normalize('NFC').toLowerCase()

/** An address from outside, in normal form. */
export const emailAddress = z.email().max(254).toLowerCase()

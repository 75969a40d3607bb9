/** What goes into the routes around a debt's life: changing and putting away. */
import { z } from 'zod'
import { category, civilDate, description } from './shapes.ts'

/** Null takes a due date or a category away. */
export const changeBody = z
  .strictObject({
    description: description.optional(),
    dueOn: civilDate.nullable().optional(),
    category: category.nullable().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'must change something')
export type ChangeBody = z.infer<typeof changeBody>

export const emptyBody = z.strictObject({})

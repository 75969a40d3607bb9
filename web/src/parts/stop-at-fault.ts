/** Faults that fields show while they are filled in keep their form from being sent. */

/** Puts the focus on the first field that shows a fault; false when there is none. */
export const stopAtFault = (form: HTMLFormElement): boolean => {
  const field = form.querySelector<HTMLElement>('[aria-invalid=true]')
  field?.focus()
  return field !== null
}
